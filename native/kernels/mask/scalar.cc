#include "kernels/mask/mask.h"

namespace tfjs_sparse {

void mask_at_least_magnitudes__scalar(const float* values, size_t n, int32_t key, uint8_t* mask) {
  for (size_t i = 0; i < n; ++i) mask[i] = magnitude_key(values[i]) >= key;
}

void mask_at_least_scores__scalar(const float* values, size_t n, int32_t key, uint8_t* mask) {
  for (size_t i = 0; i < n; ++i) mask[i] = score_key(values[i]) >= key;
}

size_t mask_count_equal_magnitudes__scalar(const float* values, size_t n, int32_t key) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) count += magnitude_key(values[i]) == key;
  return count;
}

size_t mask_count_equal_scores__scalar(const float* values, size_t n, int32_t key) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) count += score_key(values[i]) == key;
  return count;
}

void mask_apply__scalar(const float* values, const uint8_t* mask, size_t n, float* out) {
  for (size_t i = 0; i < n; ++i) out[i] = mask[i] ? values[i] : 0.0f;
}

void mask_group__scalar(const float* scores, size_t members, size_t columns, size_t stride, size_t keep,
                        uint8_t* mask) {
  for (size_t c = 0; c < columns; ++c) {
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

}  // namespace tfjs_sparse
