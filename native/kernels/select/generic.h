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

template <typename Source, bool kCollect>
TFJS_SPARSE_INLINE size_t bracket_vectors(const char* words, size_t n, int32_t low, int32_t high,
                                          int32_t* out, BracketCounts* counts) {
  const Keys::T lows = Keys::set1(low), highs = Keys::set1(high);
  BracketCounts c = *counts;
  size_t collected = 0;
  for (size_t i = 0; i < n; i += Keys::kLanes) {
    const Keys::T raw = Keys::load(words + i * sizeof(float));
    const Keys::T keys = Source::keys(raw);
    if (Source::kFloats) c.greatest = Keys::max(c.greatest, Keys::magnitudes(raw));
    const Keys::Bits above_low = Keys::greater(keys, lows), below_high = Keys::greater(highs, keys);
    c.above_low = Keys::count(c.above_low, above_low);
    c.below_high = Keys::count(c.below_high, below_high);
    c.below_low = Keys::count(c.below_low, Keys::greater(lows, keys));
    c.above_high = Keys::count(c.above_high, Keys::greater(keys, highs));
    if (kCollect) collected += Keys::compress(keys, Keys::both(above_low, below_high), out + collected);
  }
  *counts = c;
  return collected;
}

/// One word at a time: the tail, and words whose keys might not all fit. @returns how many of them were
/// collected
template <typename Source>
TFJS_SPARSE_INLINE size_t bracket_words(const char* words, size_t n, int32_t low, int32_t high, int32_t* out,
                                        size_t room, BracketTally* tally) {
  size_t collected = 0;
  for (size_t i = 0; i < n; ++i) {
    float word;
    std::memcpy(&word, words + i * sizeof word, sizeof word);
    const int32_t key = Source::key(word);
    if (Source::kFloats) tally->nan |= magnitude_key(word) > kInfinityKey;
    tally->below += key < low;
    tally->at_low += key == low;
    tally->at_high += key == high;
    if (key <= low || key >= high) continue;
    ++tally->inside;
    if (collected < room) out[collected++] = key;
  }
  return collected;
}

template <typename Source>
TFJS_SPARSE_INLINE void bracket(const void* words, size_t n, int32_t low, int32_t high, int32_t* collected,
                                size_t capacity, BracketTally* out) {
  const char* at = static_cast<const char*>(words);
  const Keys::T zero = Keys::set1(0);
  BracketCounts counts = {zero, zero, zero, zero, zero};
  BracketTally tally;
  size_t size = 0, by_vectors = 0;
  for (size_t left = n; left > 0;) {
    const size_t chunk = left < kSelectChunk ? left : kSelectChunk;
    const size_t whole = chunk - chunk % Keys::kLanes;
    size_t done = whole;
    if (whole > 0 && whole <= capacity - size) {
      size += bracket_vectors<Source, true>(at, whole, low, high, collected + size, &counts);
    } else if (whole > 0 && size == capacity) {
      bracket_vectors<Source, false>(at, whole, low, high, nullptr, &counts);
    } else {
      size += bracket_words<Source>(at, chunk, low, high, collected + size, capacity - size, &tally);
      done = 0;
    }
    by_vectors += done;
    at += (done > 0 ? done : chunk) * sizeof(float);
    left -= done > 0 ? done : chunk;
  }
  const size_t below_low = Keys::sum(counts.below_low), above_low = Keys::sum(counts.above_low),
               below_high = Keys::sum(counts.below_high), above_high = Keys::sum(counts.above_high);
  tally.below += below_low;
  tally.at_low += by_vectors - below_low - above_low;
  tally.inside += above_low + below_high - by_vectors;
  tally.at_high += by_vectors - below_high - above_high;
  tally.nan |= Source::kFloats && Keys::greatest(counts.greatest) > kInfinityKey;
  *out = tally;
}

}  // namespace
}  // namespace tfjs_sparse
