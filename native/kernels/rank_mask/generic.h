#pragma once
// The pass over a small vector type; each <arch>_<isa>.cc instantiates it with its own Keys
// (kernels/vec/keys).
#include "core/float_order.h"
#include "kernels/rank_mask/rank_mask.h"

namespace tfjs_sparse {
namespace {

struct ByMagnitude {
  static TFJS_SPARSE_INLINE Keys::T keys(Keys::T words) { return Keys::magnitudes(words); }
  static TFJS_SPARSE_INLINE int32_t key(float value) { return magnitude_key(value); }
};
struct ByScore {
  static TFJS_SPARSE_INLINE Keys::T keys(Keys::T words) { return Keys::scores(words); }
  static TFJS_SPARSE_INLINE int32_t key(float value) { return score_key(value); }
};

/// Values of one step: their bytes fill a cache line, so that streaming writes whole lines, and their truth
/// values one word.
constexpr size_t kStep = 64;
constexpr size_t kQuad = 4 * Keys::kLanes;
/// Of a step's keys inside the bracket so many are written without a branch: more are rare, and a branch on
/// their number would often be mispredicted.
constexpr size_t kEager = 3;

struct PassCounts {
  Keys::T above_low, greatest;
};

/// `n` values, a multiple of kStep, the first at `values[first]`; room for n keys.
/// @returns how many were collected
template <typename Order, bool kStream>
TFJS_SPARSE_INLINE size_t pass_vectors(const float* values, size_t first, size_t n, const Bracket& bracket,
                                       uint8_t* mask, InsideKey* out, PassCounts* counts) {
  const Keys::T lows = Keys::set1(bracket.low), highs = Keys::set1(bracket.high),
                under_guess = Keys::set1(bracket.guess - 1);
  PassCounts c = *counts;
  size_t collected = 0;
  for (size_t i = first; i < first + n; i += kStep) {
    uint64_t left = 0;
    for (size_t quad = 0; quad < kStep; quad += kQuad) {
      Keys::Bits kept[4], inside[4];
      for (size_t part = 0; part < 4; ++part) {
        const Keys::T words = Keys::load(values + i + quad + part * Keys::kLanes);
        const Keys::T key = Order::keys(words);
        c.greatest = Keys::max(c.greatest, Keys::magnitudes(words));
        kept[part] = Keys::greater(key, under_guess);
        const Keys::Bits above_low = Keys::greater(key, lows);
        inside[part] = Keys::both(above_low, Keys::greater(highs, key));
        c.above_low = Keys::count(c.above_low, above_low);
      }
      if (kStream)
        Keys::stream_bits4(kept, mask + i + quad);
      else
        Keys::store_bits4(kept, mask + i + quad);
      left |= Keys::lanes4(inside) << quad;
    }
    const size_t found = static_cast<size_t>(__builtin_popcountll(left));
    const auto take = [&](size_t to) TFJS_SPARSE_INLINE_LAMBDA {
      const size_t at = i + static_cast<size_t>(__builtin_ctzll(left | uint64_t{1} << (kStep - 1)));
      out[to] = {Order::key(values[at]), static_cast<uint32_t>(at)};
      left &= left - 1;
    };
    for (size_t j = 0; j < kEager; ++j) take(collected + j);
    for (size_t j = kEager; j < found; ++j) take(collected + j);
    collected += found;
  }
  *counts = c;
  return collected;
}

/// One value at a time: up to the first aligned byte of the mask, the tail, and values whose keys might not
/// all fit. `tally->inside` may come out above the capacity.
template <typename Order>
TFJS_SPARSE_INLINE void pass_words(const float* values, size_t first, size_t n, const Bracket& bracket,
                                   uint8_t* mask, InsideKey* inside, size_t capacity, RankMaskTally* tally) {
  for (size_t i = first; i < first + n; ++i) {
    const int32_t key = Order::key(values[i]);
    mask[i] = key >= bracket.guess;
    tally->nan |= magnitude_key(values[i]) > kInfinityKey;
    tally->up_to_low += key <= bracket.low;
    if (key <= bracket.low || key >= bracket.high) continue;
    if (tally->inside < capacity) inside[tally->inside] = {key, static_cast<uint32_t>(i)};
    ++tally->inside;
  }
}

template <typename Order, bool kStream>
TFJS_SPARSE_INLINE void rank_mask_pass(const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                                       InsideKey* inside, size_t capacity, RankMaskTally* result) {
  const Keys::T zero = Keys::set1(0);
  PassCounts counts = {zero, zero};
  RankMaskTally tally;
  size_t i = 0, by_vectors = 0;
  if (kStream) {
    const size_t past = static_cast<size_t>(reinterpret_cast<uintptr_t>(mask) % kStep);
    i = past == 0 ? 0 : kStep - past < n ? kStep - past : n;
    pass_words<Order>(values, 0, i, bracket, mask, inside, capacity, &tally);
  }
  while (i < n && tally.inside <= capacity) {
    const size_t chunk = n - i < kSelectChunk ? n - i : kSelectChunk;
    const size_t whole = chunk - chunk % kStep;
    if (whole > 0 && whole <= capacity - tally.inside) {
      tally.inside +=
          pass_vectors<Order, kStream>(values, i, whole, bracket, mask, inside + tally.inside, &counts);
      by_vectors += whole;
      i += whole;
    } else {
      pass_words<Order>(values, i, chunk, bracket, mask, inside, capacity, &tally);
      i += chunk;
    }
  }
  if (kStream) Keys::fence();
  tally.up_to_low += by_vectors - Keys::sum(counts.above_low);
  tally.nan |= Keys::greatest(counts.greatest) > kInfinityKey;
  *result = tally;
}

template <typename Order>
TFJS_SPARSE_INLINE void rank_mask_pass(const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                                       InsideKey* inside, size_t capacity, RankMaskTally* tally) {
  if (n >= kStreamFrom)
    rank_mask_pass<Order, true>(values, n, bracket, mask, inside, capacity, tally);
  else
    rank_mask_pass<Order, false>(values, n, bracket, mask, inside, capacity, tally);
}

}  // namespace
}  // namespace tfjs_sparse
