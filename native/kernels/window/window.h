#pragma once
// Sliding windows over one channel: depthwise convolution and pooling, feature-major with the batch
// innermost.
//
// A plane is [height][width][batch]; a row of it, width · batch floats, is contiguous. Both operations first
// combine whole input rows (contiguous, vectors), then columns:
//
//   depthwise:  row(out y) = bias; for each tap: row(out y) += w[tap] · row(in y + ky) shifted by kx
//   pooling:    line = max or sum over ky of rows;  out = max or sum over kx of the line's columns
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

/// @param in       plane of one channel: in_height · in_width · batch floats
/// @param weights  kernel_height · kernel_width taps
/// @param out      out_height · out_width · batch floats, clamped to [min, max]
using DepthwiseFunction = void (*)(const WindowShape& shape, const float* in, const float* weights,
                                   float bias, float min, float max, float* out);
/// Largest element (NaN is passed over, as TensorFlow.js does on the CPU; -infinity when there is no other),
/// or mean of the elements that are not padding.
/// @param line  scratch of in_width · batch floats
using PoolFunction = void (*)(const WindowShape& shape, const float* in, float* line, float* out);

struct WindowKernel {
  Isa isa;
  const char* name;
  DepthwiseFunction depthwise;
  PoolFunction max_pool, avg_pool;
};

#define WINDOW_KERNEL(isa, suffix)                                                                          \
  void depthwise_f32__##suffix(const WindowShape& shape, const float* in, const float* weights, float bias, \
                               float min, float max, float* out);                                           \
  void max_pool_f32__##suffix(const WindowShape& shape, const float* in, float* line, float* out);          \
  void avg_pool_f32__##suffix(const WindowShape& shape, const float* in, float* line, float* out);
#include "kernels/window/kernels.inc"
#undef WINDOW_KERNEL

const WindowKernel* window_kernels(size_t* count);
const WindowKernel& choose_window(Isa isa);

}  // namespace tfjs_sparse
