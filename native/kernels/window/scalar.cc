// The specification: element by element.
#include <cstdint>
#include <limits>

#include "kernels/window/window.h"

namespace tfjs_sparse {
namespace {

/// Calls visit(value) for every tap of the window at (y, x) that is not padding.
template <typename Visit>
void for_each_tap(const WindowShape& s, const float* in, size_t y, size_t x, size_t b, Visit visit) {
  for (size_t ky = 0; ky < s.kernel_height; ++ky)
    for (size_t kx = 0; kx < s.kernel_width; ++kx) {
      const int64_t row = int64_t(y * s.stride_y + ky * s.dilation_y) - int64_t(s.pad_top);
      const int64_t column = int64_t(x * s.stride_x + kx * s.dilation_x) - int64_t(s.pad_left);
      if (row < 0 || column < 0 || row >= int64_t(s.in_height) || column >= int64_t(s.in_width)) continue;
      visit(in[(size_t(row) * s.in_width + size_t(column)) * s.batch + b]);
    }
}

template <typename Element>
void for_each_output(const WindowShape& s, float* out, Element element) {
  for (size_t y = 0; y < s.out_height; ++y)
    for (size_t x = 0; x < s.out_width; ++x)
      for (size_t b = 0; b < s.batch; ++b) out[(y * s.out_width + x) * s.batch + b] = element(y, x, b);
}

}  // namespace

void max_pool_f32__scalar(const WindowShape& shape, const float* in, float*, float* out) {
  for_each_output(shape, out, [&](size_t y, size_t x, size_t b) {
    float largest = -std::numeric_limits<float>::infinity();
    for_each_tap(shape, in, y, x, b, [&](float value) { largest = value > largest ? value : largest; });
    return largest;
  });
}

void avg_pool_f32__scalar(const WindowShape& shape, const float* in, float*, float* out) {
  for_each_output(shape, out, [&](size_t y, size_t x, size_t b) {
    float sum = 0;
    int count = 0;
    for_each_tap(shape, in, y, x, b, [&](float value) {
      sum += value;
      ++count;
    });
    return sum / float(count);
  });
}

}  // namespace tfjs_sparse
