#include "kernels/transpose/transpose.h"

namespace tfjs_sparse {

void transpose_f32__scalar(const float* in, size_t in_stride, float* out, size_t out_stride, size_t rows,
                           size_t cols) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < cols; ++c) out[c * out_stride + r] = in[r * in_stride + c];
}

}  // namespace tfjs_sparse
