#include "kernels/select/select.h"

#include <algorithm>
#include <cmath>

namespace tfjs_sparse {

namespace {

constexpr SelectKernel kKernels[] = {
#define SELECT_KERNEL(isa, source, name) {Isa::isa, source, #name, name},
#include "kernels/select/kernels.inc"
#undef SELECT_KERNEL
};

/// Up to here std::nth_element does the whole work.
constexpr size_t kSmall = 4096;
constexpr size_t kSampleRun = 16;     ///< words of one cache line
constexpr size_t kSampleMax = 65536;  ///< more costs more than it narrows
/// Half width of the bracket in standard errors of the sample's rank: a normal sample misses once in a
/// million.
constexpr double kBracketWidth = 5;

constexpr int32_t kBelowAll = -kInfinityKey - 1;
constexpr int32_t kAboveAll = kInfinityKey + 1;

/// Keys that the first pass may collect: a sixteenth of a long array, and no fewer than a short one may need.
size_t capacity_of(size_t n) { return n / 16 + 8 * kSmall; }

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
  const void* words;
  SelectSource source;
  size_t n;
  size_t rank;         ///< from 1 to n
  size_t below;        ///< how many keys of the whole array are smaller than all that are left
  int32_t* collected;  ///< where this pass puts keys; `spare` is where the next one does
  int32_t* spare;
  int32_t* sample;

  /// At most half of the keys go on, so that the search ends soon on any data.
  size_t capacity() const { return source == kKeys ? n / 2 : std::min(capacity_of(n), n / 2); }
};

/// Runs of one cache line, one from each of equal strata, at a place in it that a small generator picks.
size_t take_sample(const Search& s) {
  const double wanted = std::pow(static_cast<double>(s.n), 2.0 / 3) / 2;
  const size_t runs = std::max<size_t>(
      64, std::min<size_t>(static_cast<size_t>(wanted) / kSampleRun, kSampleMax / kSampleRun));
  const size_t stratum = s.n / runs;
  uint32_t state = 0x9e3779b9u;
  int32_t* out = s.sample;
  for (size_t run = 0; run < runs; ++run) {
    state = state * 1664525u + 1013904223u;
    const size_t start =
        run * stratum + static_cast<size_t>((uint64_t{state} * (stratum - kSampleRun + 1)) >> 32);
    for (size_t i = 0; i < kSampleRun; ++i) *out++ = key_at(s.words, s.source, start + i);
  }
  return runs * kSampleRun;
}

/// Keys that the wanted one very probably lies between; low < high.
void bracket_of(const Search& s, int32_t* low, int32_t* high) {
  const size_t size = take_sample(s);
  const double share = (static_cast<double>(s.rank) - 0.5) / static_cast<double>(s.n);
  const double place = share * static_cast<double>(size);
  const double margin = kBracketWidth * std::sqrt(static_cast<double>(size) * share * (1 - share)) + 1;
  *low = kBelowAll;
  *high = kAboveAll;
  size_t from = 0;
  if (place - margin >= 0) {
    from = static_cast<size_t>(place - margin);
    std::nth_element(s.sample, s.sample + from, s.sample + size);
    *low = s.sample[from];
  }
  if (place + margin < static_cast<double>(size)) {
    const size_t to = static_cast<size_t>(place + margin);
    std::nth_element(s.sample + from, s.sample + to, s.sample + size);
    *high = s.sample[to];
  }
  *low = std::clamp(*low, kBelowAll, kInfinityKey);
  *high = std::clamp(*high, *low + 1, kAboveAll);
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
  return {static_cast<int32_t>(key), s.below + before, equal, false};
}

/// One bracket, one pass. @returns true when that settled it; else less is left to search.
bool step(Search* s, Selection* out) {
  const BracketFunction pass = choose_select(s->isa, s->source).function;
  int32_t low, high;
  bracket_of(*s, &low, &high);
  BracketTally t;
  pass(s->words, s->n, low, high, s->collected, s->capacity(), &t);
  if (t.nan) {
    out->nan = true;
    return true;
  }
  const size_t up_to_low = t.below + t.at_low, up_to_inside = up_to_low + t.inside,
               up_to_high = up_to_inside + t.at_high;
  int64_t from, to;
  if (s->rank <= t.below) {
    from = kBelowAll, to = int64_t{low} - 1;
  } else if (s->rank <= up_to_low) {
    *out = found(*s, low, t.below, t.at_low);
    return true;
  } else if (s->rank <= up_to_inside) {
    if (t.inside <= s->capacity()) {
      descend(s, up_to_low, t.inside);
      return false;
    }
    from = int64_t{low} + 1, to = int64_t{high} - 1;
  } else if (s->rank <= up_to_high) {
    *out = found(*s, high, up_to_inside, t.at_high);
    return true;
  } else {
    from = int64_t{high} + 1, to = kAboveAll;
  }
  size_t before;
  const size_t left = narrow(*s, &from, &to, &before);
  if (from == to) {
    *out = found(*s, from, before, left);
    return true;
  }
  pass(s->words, s->n, static_cast<int32_t>(from - 1), static_cast<int32_t>(to + 1), s->collected,
       s->capacity(), &t);
  descend(s, before, left);
  return false;
}

/// Few are left: a partial sort of them.
Selection finish(const Search& s) {
  for (size_t i = 0; i < s.n; ++i) s.collected[i] = key_at(s.words, s.source, i);
  Selection out;
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

size_t select_scratch(size_t n) {
  if (n <= kSmall) return n;
  return capacity_of(n) + capacity_of(n) / 2 + kSampleMax;
}

Selection select_kth(Isa isa, RankOrder order, const float* values, size_t n, size_t k, int32_t* scratch) {
  Search s{};
  s.isa = isa;
  s.words = values;
  s.source = order == RankOrder::kMagnitude ? kMagnitudes : kScores;
  s.n = n;
  s.rank = k;
  s.collected = scratch;
  if (n > kSmall) {
    s.spare = s.collected + capacity_of(n);
    s.sample = s.spare + capacity_of(n) / 2;
  }
  while (s.n > kSmall) {
    Selection out;
    if (step(&s, &out)) return out;
  }
  return finish(s);
}

}  // namespace tfjs_sparse
