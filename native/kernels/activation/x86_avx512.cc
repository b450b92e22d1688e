#include "kernels/vec/x86_avx512.h"
// clang-format off: Vec comes first
#include "kernels/activation/generic.h"
// clang-format on

namespace tfjs_sparse {

void activate_f32__avx512(const ActivationCall& activation, float* data, size_t count) {
  activate(activation, data, count);
}

void softmax_f32__avx512(const float* in, float* out, size_t features, size_t stride, size_t count) {
  softmax(in, out, features, stride, count);
}

void normalize_f32__avx512(const float* in, float* out, size_t features, size_t stride, size_t count,
                           float epsilon) {
  normalize(in, out, features, stride, count, epsilon);
}

}  // namespace tfjs_sparse
