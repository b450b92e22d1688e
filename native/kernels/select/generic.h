#pragma once
// The pass over a small vector type; each <arch>_<isa>.cc instantiates it with its own Keys
// (kernels/vec/keys).
#include <cstring>

#include "core/float_order.h"
#include "kernels/select/select.h"

namespace tfjs_sparse {
namespace {

/// Where keys come from: of a register of words, of one word.
struct FromMagnitudes {
  static constexpr bool kFloats = true;
  static TFJS_SPARSE_INLINE Keys::T keys(Keys::T words) { return Keys::magnitudes(words); }
  static TFJS_SPARSE_INLINE int32_t key(float value) { return magnitude_key(value); }
};
struct FromScores {
  static constexpr bool kFloats = true;
  static TFJS_SPARSE_INLINE Keys::T keys(Keys::T words) { return Keys::scores(words); }
  static TFJS_SPARSE_INLINE int32_t key(float value) { return score_key(value); }
};
struct FromKeys {
  static constexpr bool kFloats = false;
  static TFJS_SPARSE_INLINE Keys::T keys(Keys::T words) { return words; }
  static TFJS_SPARSE_INLINE int32_t key(float word) {
    int32_t key;
    std::memcpy(&key, &word, sizeof key);
    return key;
  }
};

struct BracketCounts {
  Keys::T below_low, above_low, below_high, above_high, greatest;
};

/// Words of one step: their truth values fill one word.
constexpr size_t kStep = 64;
constexpr size_t kQuad = 4 * Keys::kLanes;
/// Of a step's keys inside the bracket so many are written without a branch: a sample narrows a bracket to
/// one key or two of a hundred.
constexpr size_t kEager = 3;

/// `n` words, a multiple of kStep; `out` has room for n keys. @returns how many were collected
template <typename Source, bool kCollect, bool kEnds>
TFJS_SPARSE_INLINE size_t bracket_vectors(const char* words, size_t n, int32_t low, int32_t high,
                                          int32_t* out, BracketCounts* counts) {
  const Keys::T lows = Keys::set1(low), highs = Keys::set1(high);
  BracketCounts c = *counts;
  size_t collected = 0;
  for (size_t i = 0; i < n; i += kStep) {
    uint64_t left = 0;
    for (size_t quad = 0; quad < kStep; quad += kQuad) {
      Keys::Bits inside[4];
      for (size_t part = 0; part < 4; ++part) {
        const Keys::T raw = Keys::load(words + (i + quad + part * Keys::kLanes) * sizeof(float));
        const Keys::T keys = Source::keys(raw);
        if (Source::kFloats) c.greatest = Keys::max(c.greatest, Keys::magnitudes(raw));
        const Keys::Bits above_low = Keys::greater(keys, lows), below_high = Keys::greater(highs, keys);
        c.above_low = Keys::count(c.above_low, above_low);
        c.below_high = Keys::count(c.below_high, below_high);
        if (kEnds) c.below_low = Keys::count(c.below_low, Keys::greater(lows, keys));
        if (kEnds) c.above_high = Keys::count(c.above_high, Keys::greater(keys, highs));
        inside[part] = Keys::both(above_low, below_high);
      }
      if (kCollect) left |= Keys::lanes4(inside) << quad;
    }
    if (!kCollect) continue;
    const size_t found = static_cast<size_t>(__builtin_popcountll(left));
    const auto take = [&](size_t to) TFJS_SPARSE_INLINE_LAMBDA {
      const size_t at = i + static_cast<size_t>(__builtin_ctzll(left | uint64_t{1} << (kStep - 1)));
      float word;
      std::memcpy(&word, words + at * sizeof word, sizeof word);
      out[to] = Source::key(word);
      left &= left - 1;
    };
    for (size_t j = 0; j < kEager; ++j) take(collected + j);
    for (size_t j = kEager; j < found; ++j) take(collected + j);
    collected += found;
  }
  *counts = c;
  return collected;
}

/// One word at a time: the tail, and words whose keys might not all fit. @returns how many of them were
/// collected
template <typename Source, bool kEnds>
TFJS_SPARSE_INLINE size_t bracket_words(const char* words, size_t n, int32_t low, int32_t high, int32_t* out,
                                        size_t room, BracketTally* tally) {
  size_t collected = 0;
  for (size_t i = 0; i < n; ++i) {
    float word;
    std::memcpy(&word, words + i * sizeof word, sizeof word);
    const int32_t key = Source::key(word);
    if (Source::kFloats) tally->nan |= magnitude_key(word) > kInfinityKey;
    tally->below += kEnds ? key < low : key <= low;
    tally->at_low += kEnds && key == low;
    tally->at_high += kEnds && key == high;
    if (key <= low || key >= high) continue;
    ++tally->inside;
    if (collected < room) out[collected++] = key;
  }
  return collected;
}

template <typename Source, bool kEnds>
TFJS_SPARSE_INLINE void bracket(const void* words, size_t n, int32_t low, int32_t high, int32_t* collected,
                                size_t capacity, BracketTally* out) {
  const char* at = static_cast<const char*>(words);
  const Keys::T zero = Keys::set1(0);
  BracketCounts counts = {zero, zero, zero, zero, zero};
  BracketTally tally;
  size_t size = 0, by_vectors = 0;
  for (size_t left = n; left > 0;) {
    const size_t chunk = left < kSelectChunk ? left : kSelectChunk;
    const size_t whole = chunk - chunk % kStep;
    size_t done = whole;
    if (whole > 0 && whole <= capacity - size) {
      size += bracket_vectors<Source, true, kEnds>(at, whole, low, high, collected + size, &counts);
    } else if (whole > 0 && size == capacity) {
      bracket_vectors<Source, false, kEnds>(at, whole, low, high, nullptr, &counts);
    } else {
      size += bracket_words<Source, kEnds>(at, chunk, low, high, collected + size, capacity - size, &tally);
      done = 0;
    }
    by_vectors += done;
    at += (done > 0 ? done : chunk) * sizeof(float);
    left -= done > 0 ? done : chunk;
  }
  const size_t above_low = Keys::sum(counts.above_low), below_high = Keys::sum(counts.below_high);
  const size_t below_low = kEnds ? Keys::sum(counts.below_low) : by_vectors - above_low;
  const size_t above_high = kEnds ? Keys::sum(counts.above_high) : by_vectors - below_high;
  tally.below += below_low;
  tally.at_low += by_vectors - below_low - above_low;
  tally.inside += above_low + below_high - by_vectors;
  tally.at_high += by_vectors - below_high - above_high;
  tally.nan |= Source::kFloats && Keys::greatest(counts.greatest) > kInfinityKey;
  *out = tally;
}

/// @param ends  as in BracketFunction
template <typename Source>
TFJS_SPARSE_INLINE void bracket(const void* words, size_t n, int32_t low, int32_t high, bool ends,
                                int32_t* collected, size_t capacity, BracketTally* tally) {
  if (ends)
    bracket<Source, true>(words, n, low, high, collected, capacity, tally);
  else
    bracket<Source, false>(words, n, low, high, collected, capacity, tally);
}

}  // namespace
}  // namespace tfjs_sparse
