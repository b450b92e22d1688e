// The specification: element by element. A tap that is exactly zero contributes nothing.
#include <cstdint>

#include "kernels/depthwise/depthwise.h"

namespace tfjs_sparse {

void depthwise_f32__scalar(const WindowShape& s, const float* in, const float* weights, float bias, float min,
                           float max, float*, float* out) {
  for (size_t i = 0; i < s.out_height * s.out_width * s.batch; ++i) {
    const size_t b = i % s.batch, x = i / s.batch % s.out_width, y = i / s.batch / s.out_width;
    float acc = bias;
    for (size_t ky = 0; ky < s.kernel_height; ++ky)
      for (size_t kx = 0; kx < s.kernel_width; ++kx) {
        const int64_t row = int64_t(y * s.stride_y + ky * s.dilation_y) - int64_t(s.pad_top);
        const int64_t column = int64_t(x * s.stride_x + kx * s.dilation_x) - int64_t(s.pad_left);
        const float weight = weights[ky * s.kernel_width + kx];
        if (row < 0 || column < 0 || row >= int64_t(s.in_height) || column >= int64_t(s.in_width)) continue;
        if (weight != 0) acc += weight * in[(size_t(row) * s.in_width + size_t(column)) * s.batch + b];
      }
    acc = min > acc ? min : acc;
    out[i] = max < acc ? max : acc;
  }
}

}  // namespace tfjs_sparse
