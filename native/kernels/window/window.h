#pragma once
// Sliding windows over one channel, and pooling, feature-major with the batch innermost.
//
// A plane is [height][width][batch]; a row of it, width · batch floats, is contiguous. Pooling first combines
// whole input rows (contiguous, vectors), then columns:
//
//   line = max or sum over ky of rows;  out = max or sum over kx of the line's columns
//
// With stride 1, or a batch of at least a register, columns are contiguous runs too; only strided columns of
// a small batch are taken one by one (stride 2 of one picture: even and odd lanes are separated in
// registers).
#include <cstddef>

#include "core/cpu.h"

namespace tfjs_sparse {

/// Geometry of a window step; sizes in elements, `batch` floats per element.
struct WindowShape {
  size_t in_height, in_width, out_height, out_width;
  size_t kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x;
  size_t pad_top, pad_left;
  size_t batch;
};

/// Largest element (NaN is passed over, as TensorFlow.js does on the CPU; -infinity when there is no other),
/// or mean of the elements that are not padding.
/// @param line  scratch of in_width · batch floats
using PoolFunction = void (*)(const WindowShape& shape, const float* in, float* line, float* out);

struct WindowKernel {
  Isa isa;
  const char* name;
  PoolFunction max_pool, avg_pool;
};

#define WINDOW_KERNEL(isa, suffix)                                                                 \
  void max_pool_f32__##suffix(const WindowShape& shape, const float* in, float* line, float* out); \
  void avg_pool_f32__##suffix(const WindowShape& shape, const float* in, float* line, float* out);
#include "kernels/window/kernels.inc"
#undef WINDOW_KERNEL

const WindowKernel* window_kernels(size_t* count);
const WindowKernel& choose_window(Isa isa);

}  // namespace tfjs_sparse
