#pragma once
// The kernels over a small vector type; each <arch>_<isa>.cc instantiates them with its own Keys
// (kernels/vec/keys).
#include "core/float_order.h"
#include "kernels/mask/mask.h"

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

template <typename Order>
TFJS_SPARSE_INLINE void mask_at_least(const float* values, size_t n, int32_t key, uint8_t* mask) {
  constexpr size_t kStep = 4 * Keys::kLanes;
  const Keys::T below = Keys::set1(key - 1);
  size_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    Keys::Bits bits[4];
    for (int part = 0; part < 4; ++part)
      bits[part] = Keys::greater(Order::keys(Keys::load(values + i + part * Keys::kLanes)), below);
    Keys::store_bits4(bits, mask + i);
  }
  for (; i < n; ++i) mask[i] = Order::key(values[i]) >= key;
}

template <typename Order>
TFJS_SPARSE_INLINE size_t mask_count_equal(const float* values, size_t n, int32_t key) {
  const Keys::T wanted = Keys::set1(key);
  Keys::T counts = Keys::set1(0);
  size_t i = 0;
  for (; i + Keys::kLanes <= n; i += Keys::kLanes)
    counts = Keys::count(counts, Keys::equal(Order::keys(Keys::load(values + i)), wanted));
  size_t count = Keys::sum(counts);
  for (; i < n; ++i) count += Order::key(values[i]) == key;
  return count;
}

TFJS_SPARSE_INLINE void mask_apply(const float* values, const uint8_t* mask, size_t n, float* out) {
  size_t i = 0;
  for (; i + Keys::kFloatsStep <= n; i += Keys::kFloatsStep) Keys::select(values + i, mask + i, out + i);
  for (; i < n; ++i) out[i] = mask[i] != 0 ? values[i] : 0.0f;
}

/// Each pair of members is compared once. A member starts as if all above it won, and rises by each that it
/// beats.
TFJS_SPARSE_INLINE void mask_group(const float* scores, size_t members, size_t columns, size_t stride,
                                   size_t keep, uint8_t* mask) {
  const Keys::T limit = Keys::set1(static_cast<int32_t>(keep));
  size_t c = 0;
  for (; c + Keys::kLanes <= columns; c += Keys::kLanes) {
    Keys::T keys[kMaskGroupMax], ranks[kMaskGroupMax];
    for (size_t i = 0; i < members; ++i) {
      keys[i] = Keys::scores(Keys::load(scores + i * stride + c));
      ranks[i] = Keys::set1(static_cast<int32_t>(i));
    }
    for (size_t i = 0; i < members; ++i) {
      Keys::T rank = ranks[i];
      for (size_t j = i + 1; j < members; ++j) {
        const Keys::Bits lower_wins = Keys::greater(keys[j], keys[i]);
        rank = Keys::count(rank, lower_wins);
        ranks[j] = Keys::uncount(ranks[j], lower_wins);
      }
      Keys::store_bits(Keys::greater(limit, rank), mask + i * stride + c);
    }
  }
  for (; c < columns; ++c) {
    for (size_t i = 0; i < members; ++i) {
      const int32_t key = score_key(scores[i * stride + c]);
      size_t rank = 0;
      for (size_t j = 0; j < members; ++j) {
        const int32_t other = score_key(scores[j * stride + c]);
        rank += other > key || (other == key && j < i);
      }
      mask[i * stride + c] = rank < keep;
    }
  }
}

}  // namespace
}  // namespace tfjs_sparse
