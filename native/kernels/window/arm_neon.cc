#include "kernels/vec/arm_neon.h"
// clang-format off: Vec comes first
#include "kernels/window/generic.h"
// clang-format on

namespace tfjs_sparse {

void max_pool_f32__neon(const WindowShape& shape, const float* in, float* line, float* out) {
  max_pool(shape, in, line, out);
}

void avg_pool_f32__neon(const WindowShape& shape, const float* in, float* line, float* out) {
  avg_pool(shape, in, line, out);
}

}  // namespace tfjs_sparse
