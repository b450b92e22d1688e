#include "kernels/vec/keys/arm_neon.h"
// clang-format off: Keys comes first
#include "kernels/mask/generic.h"
// clang-format on

namespace tfjs_sparse {

void mask_at_least_magnitudes__neon(const float* values, size_t n, int32_t key, uint8_t* mask) {
  mask_at_least<ByMagnitude>(values, n, key, mask);
}
void mask_at_least_scores__neon(const float* values, size_t n, int32_t key, uint8_t* mask) {
  mask_at_least<ByScore>(values, n, key, mask);
}
size_t mask_count_equal_magnitudes__neon(const float* values, size_t n, int32_t key) {
  return mask_count_equal<ByMagnitude>(values, n, key);
}
size_t mask_count_equal_scores__neon(const float* values, size_t n, int32_t key) {
  return mask_count_equal<ByScore>(values, n, key);
}
void mask_apply__neon(const float* values, const uint8_t* mask, size_t n, float* out) {
  mask_apply(values, mask, n, out);
}
void mask_group__neon(const float* scores, size_t members, size_t columns, size_t stride, size_t keep,
                      uint8_t* mask) {
  mask_group(scores, members, columns, stride, keep, mask);
}

}  // namespace tfjs_sparse
