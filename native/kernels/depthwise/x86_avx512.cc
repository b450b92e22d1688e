#include "kernels/vec/x86_avx512.h"
// clang-format off: Vec comes first
#include "kernels/depthwise/generic.h"
// clang-format on

namespace tfjs_sparse {

void depthwise_f32__avx512(const WindowShape& shape, const float* in, const float* weights, float bias,
                           float min, float max, float* scratch, float* out) {
  depthwise(shape, in, weights, bias, min, max, scratch, out);
}

}  // namespace tfjs_sparse
