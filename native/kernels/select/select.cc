#include "kernels/select/select.h"

#include <algorithm>
#include <cmath>

#include "kernels/select/sample.h"

namespace tfjs_sparse {

namespace {

constexpr SelectKernel kKernels[] = {
#define SELECT_KERNEL(isa, source, name) {Isa::isa, source, #name, name},
#include "kernels/select/kernels.inc"
#undef SELECT_KERNEL
};

/// Half width of the bracket in standard errors of the sample's rank: a normal sample misses six
/// times in a hundred thousand, and a wider one collects more.
constexpr double kBracketWidth = 4;

constexpr int32_t kBelowAll = -kInfinityKey - 1;
constexpr int32_t kAboveAll = kInfinityKey + 1;

SelectSource source_of(RankOrder order) { return order == RankOrder::kMagnitude ? kMagnitudes : kScores; }

int32_t key_at(const void* words, SelectSource source, size_t i) {
  switch (source) {
    case kMagnitudes:
      return magnitude_key(static_cast<const float*>(words)[i]);
    case kScores:
      return score_key(static_cast<const float*>(words)[i]);
    case kKeys:
      break;
  }
  return static_cast<const int32_t*>(words)[i];
}

/// The array that is left to search, and the place of the wanted key in it.
struct Search {
  Isa isa;
  const RunParts* run;
  const void* words;
  SelectSource source;
  size_t n;
  size_t rank;         ///< from 1 to n
  size_t below;        ///< how many keys of the whole array are smaller than all that are left
  unsigned narrowed;   ///< how often a histogram had to narrow the range
  int32_t* collected;  ///< where this pass puts keys; `spare` is where the next one does
  int32_t* spare;
  int32_t* sample;

  /// At most half of the keys go on, so that the search ends soon on any data.
  size_t capacity() const { return source == kKeys ? n / 2 : std::min(select_capacity(n), n / 2); }
};

size_t take_sample(const Search& s) {
  SamplePlaces places(s.n);
  int32_t* out = s.sample;
  for (size_t run = 0; run < places.runs(); ++run) {
    const size_t start = places.next();
    for (size_t i = 0; i < SamplePlaces::kRun; ++i) *out++ = key_at(s.words, s.source, start + i);
  }
  return places.words();
}

Bracket bracket_of(const Search& s) {
  const size_t size = take_sample(s);
  const double share = (static_cast<double>(s.rank) - 0.5) / static_cast<double>(s.n);
  const double place = share * static_cast<double>(size);
  const double margin = kBracketWidth * std::sqrt(static_cast<double>(size) * share * (1 - share)) + 1;
  Bracket out{kBelowAll, 0, kAboveAll, false};
  size_t from = 0, to = size;
  if (place - margin >= 0) {
    from = static_cast<size_t>(place - margin);
    std::nth_element(s.sample, s.sample + from, s.sample + size);
    out.low = s.sample[from];
  }
  if (place + margin < static_cast<double>(size)) {
    to = static_cast<size_t>(place + margin);
    std::nth_element(s.sample + from, s.sample + to, s.sample + size);
    out.high = s.sample[to];
  }
  const size_t middle = static_cast<size_t>(place);
  std::nth_element(s.sample + from, s.sample + middle, s.sample + to);
  out.guess = s.sample[middle];
  out.tied = out.guess == out.low || out.guess == out.high;
  out.low = std::clamp(out.low, kBelowAll, kInfinityKey);
  out.high = std::clamp(out.high, out.low + 1, kAboveAll);
  out.guess = std::clamp(out.guess, out.low + 1, out.high);
  return out;
}

/// Narrows [low, high], keys that hold the wanted one, to one key or to so few that they fit into the scratch
/// memory.
/// @returns how many lie in it; `before` gets how many lie below it.
size_t narrow(const Search& s, int64_t* low, int64_t* high, size_t* before) {
  constexpr int kBits = 12;
  for (;;) {
    int shift = 0;
    while (((*high - *low) >> shift) >= (1 << kBits)) ++shift;
    uint32_t bins[1 << kBits] = {};
    size_t smaller = 0;
    for (size_t i = 0; i < s.n; ++i) {
      const int64_t key = key_at(s.words, s.source, i);
      if (key < *low)
        ++smaller;
      else if (key <= *high)
        ++bins[(key - *low) >> shift];
    }
    size_t bin = 0;
    while (smaller + bins[bin] < s.rank) smaller += bins[bin++];
    *low += static_cast<int64_t>(bin) << shift;
    *high = std::min(*high, *low + (int64_t{1} << shift) - 1);
    *before = smaller;
    if (shift == 0 || bins[bin] <= s.capacity()) return bins[bin];
  }
}

/// Goes on with the keys that lie strictly inside (low, high): the kernel has collected them.
void descend(Search* s, size_t before, size_t inside) {
  s->words = s->collected;
  std::swap(s->collected, s->spare);
  s->source = kKeys;
  s->n = inside;
  s->rank -= before;
  s->below += before;
}

Selection found(const Search& s, int64_t key, size_t before, size_t equal) {
  return {static_cast<int32_t>(key), s.below + before, equal, false, s.narrowed};
}

/// The pass over all words, split where that pays. Each part has its share of the room for collected keys.
/// @returns false when a part had not enough of it; the tally is right all the same
bool split_pass(const Search& s, const Bracket& bracket, bool ends, BracketTally* sum) {
  const BracketFunction pass = choose_select(s.isa, s.source).function;
  const size_t room = s.capacity() / kPassParts;
  BracketTally tallies[kPassParts];
  (*s.run)(kPassParts, [&](size_t part) {
    const size_t from = s.n * part / kPassParts, to = s.n * (part + 1) / kPassParts;
    pass(static_cast<const int32_t*>(s.words) + from, to - from, bracket.low, bracket.high, ends,
         s.collected + part * room, room, &tallies[part]);
  });
  bool fits = true;
  *sum = {};
  for (size_t part = 0; part < kPassParts; ++part) {
    const BracketTally& t = tallies[part];
    fits = fits && t.inside <= room;
    if (fits) std::copy_n(s.collected + part * room, t.inside, s.collected + sum->inside);
    sum->below += t.below;
    sum->at_low += t.at_low;
    sum->inside += t.inside;
    sum->at_high += t.at_high;
    sum->nan |= t.nan;
  }
  return fits;
}

/// One bracket, one pass. @returns true when that settled it; else less is left to search.
bool step(Search* s, Selection* out) {
  const BracketFunction pass = choose_select(s->isa, s->source).function;
  const Bracket bracket = bracket_of(*s);
  BracketTally t;
  const bool ends = bracket.tied, split = s->run != nullptr && s->n >= kSplitFrom && s->source != kKeys;
  if (!split || !split_pass(*s, bracket, ends, &t))
    pass(s->words, s->n, bracket.low, bracket.high, ends, s->collected, s->capacity(), &t);
  if (t.nan) {
    out->nan = true;
    return true;
  }
  const size_t up_to_low = t.below + t.at_low, up_to_inside = up_to_low + t.inside;
  int64_t from = kBelowAll, to = kAboveAll;
  switch (place_of(s->rank, t)) {
    case Place::kAtLow:
      *out = found(*s, bracket.low, t.below, t.at_low);
      return true;
    case Place::kAtHigh:
      *out = found(*s, bracket.high, up_to_inside, t.at_high);
      return true;
    case Place::kInside:
      if (t.inside <= s->capacity()) {
        descend(s, up_to_low, t.inside);
        return false;
      }
      from = int64_t{bracket.low} + 1, to = int64_t{bracket.high} - 1;
      break;
    case Place::kBelow:
      to = int64_t{bracket.low} - ends;
      break;
    case Place::kAbove:
      from = int64_t{bracket.high} + ends;
      break;
  }
  ++s->narrowed;
  size_t before;
  const size_t left = narrow(*s, &from, &to, &before);
  if (from == to) {
    *out = found(*s, from, before, left);
    return true;
  }
  pass(s->words, s->n, static_cast<int32_t>(from - 1), static_cast<int32_t>(to + 1), false, s->collected,
       s->capacity(), &t);
  descend(s, before, left);
  return false;
}

/// Few are left: a partial sort of them.
Selection finish(const Search& s) {
  for (size_t i = 0; i < s.n; ++i) s.collected[i] = key_at(s.words, s.source, i);
  Selection out;
  out.narrowed = s.narrowed;
  for (size_t i = 0; i < s.n; ++i) {
    if (s.collected[i] > kInfinityKey || s.collected[i] < -kInfinityKey) {
      out.nan = true;
      return out;
    }
  }
  int32_t* kth = s.collected + (s.rank - 1);
  std::nth_element(s.collected, kth, s.collected + s.n);
  out.key = *kth;
  out.below = s.below + static_cast<size_t>(
                            std::count_if(s.collected, kth, [&](int32_t key) { return key < out.key; }));
  out.equal = static_cast<size_t>(std::count(s.collected, s.collected + s.n, out.key));
  return out;
}

/// @param room, spare_room  words of `scratch` for the keys of the first pass and of the second; the sample's
/// come after them
Selection search(Isa isa, const void* words, SelectSource source, size_t n, size_t k, int32_t* scratch,
                 size_t room, size_t spare_room, const RunParts* run) {
  Search s{};
  s.isa = isa;
  s.run = run;
  s.words = words;
  s.source = source;
  s.n = n;
  s.rank = k;
  s.collected = scratch;
  if (n > kSelectSmall) {
    s.spare = s.collected + room;
    s.sample = s.spare + spare_room;
  }
  while (s.n > kSelectSmall) {
    Selection out;
    if (step(&s, &out)) return out;
  }
  return finish(s);
}

}  // namespace

const SelectKernel* select_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const SelectKernel& choose_select(Isa isa, SelectSource source) {
  for (const SelectKernel& kernel : kKernels)
    if (kernel.isa == isa && kernel.source == source) return kernel;
  return choose_select(Isa::kScalar, source);
}

size_t select_capacity(size_t n) { return n / 16 + 8 * kSelectSmall; }

Place place_of(size_t rank, const BracketTally& t) {
  if (rank <= t.below) return Place::kBelow;
  if (rank <= t.below + t.at_low) return Place::kAtLow;
  if (rank <= t.below + t.at_low + t.inside) return Place::kInside;
  if (rank <= t.below + t.at_low + t.inside + t.at_high) return Place::kAtHigh;
  return Place::kAbove;
}

Bracket sample_bracket(RankOrder order, const float* values, size_t n, size_t k, int32_t* scratch) {
  Search s{};
  s.words = values;
  s.source = source_of(order);
  s.n = n;
  s.rank = k;
  s.sample = scratch;
  return bracket_of(s);
}

size_t select_scratch(size_t n) {
  if (n <= kSelectSmall) return n;
  return select_capacity(n) + select_capacity(n) / 2 + SamplePlaces::kMax;
}

Selection select_kth(Isa isa, RankOrder order, const float* values, size_t n, size_t k, int32_t* scratch,
                     const RunParts* run) {
  const size_t room = n > kSelectSmall ? select_capacity(n) : 0;
  return search(isa, values, source_of(order), n, k, scratch, room, room / 2, run);
}

size_t select_key_scratch(size_t n) {
  if (n <= kSelectSmall) return n;
  return n / 2 + n / 4 + 2 * kSelectSmall + SamplePlaces::kMax;
}

Selection select_kth_key(Isa isa, const int32_t* keys, size_t n, size_t k, int32_t* scratch) {
  return search(isa, keys, kKeys, n, k, scratch, n / 2 + kSelectSmall, n / 4 + kSelectSmall, nullptr);
}

}  // namespace tfjs_sparse
