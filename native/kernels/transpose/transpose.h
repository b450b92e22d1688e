#pragma once
// transpose: out[c][r] = in[r][c], floats; how row-major [batch, features] arrays become feature-major and
// back. Tiles of one register's lanes squared: loads and stores are both contiguous, the tile turns in
// registers.
#include <cstddef>

#include "core/cpu.h"

namespace tfjs_sparse {

/// @param in   [rows][cols], in_stride floats from row to row
/// @param out  [cols][rows], out_stride floats from row to row; must not overlap `in`
/// Writes rows floats of every out row and nothing else.
using TransposeFunction = void (*)(const float* in, size_t in_stride, float* out, size_t out_stride,
                                   size_t rows, size_t cols);

struct TransposeKernel {
  Isa isa;
  const char* name;
  TransposeFunction function;
};

#define TRANSPOSE_KERNEL(isa, name) \
  void name(const float* in, size_t in_stride, float* out, size_t out_stride, size_t rows, size_t cols);
#include "kernels/transpose/kernels.inc"
#undef TRANSPOSE_KERNEL

const TransposeKernel* transpose_kernels(size_t* count);
TransposeFunction choose_transpose(Isa isa);

}  // namespace tfjs_sparse
