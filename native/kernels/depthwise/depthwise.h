#pragma once
// Depthwise convolution of one channel, feature-major with the batch innermost.
//
//   for strip of output rows:               so many that their input stays in the L1 cache
//     stage the input rows of the strip     (kernels/stage: padding as zeros, columns by residue of the
//     stride) for 4 rows, 2 registers of columns:
//       acc[4][2] = bias
//       for tap column: for input row of the four's windows:
//         x[2] = load                       one load serves every output row that sees it
//         acc[row][:] += w[tap row][tap column] · x[:]
//       out = clamp(acc)
//
// The loop over input rows is unrolled for windows 3 and 5 high with a stride of 1 or 2; other windows, and
// channels with a pruned tap, go tap by tap and leave out the taps that are zero.
//
// Against adding each tap to whole rows in memory, the layers of blazepose-heavy (82, most of them 5×5) went
// from 78 to 16 ms, those of posenet from 12.7 to 5.3 ms (AVX2, an AMD EPYC 9004 core, 2026-11).
#include <cstddef>

#include "core/cpu.h"
#include "kernels/window/window.h"

namespace tfjs_sparse {

/// Tap columns of a staged window.
inline constexpr size_t kDepthwiseMostColumns = 64;
/// Whether the window is small enough to be staged; the others take the scalar kernel, which needs no
/// scratch.
bool depthwise_is_staged(const WindowShape& shape);

/// @param in       plane of one channel: in_height · in_width · batch floats
/// @param weights  kernel_height · kernel_width taps, finite; a tap that is zero contributes nothing
/// @param scratch  depthwise_scratch_floats(shape) floats
/// Kernels but scalar: depthwise_is_staged(shape).
/// @param out      out_height · out_width · batch floats, clamped to [min, max]; NaN passes through
using DepthwiseFunction = void (*)(const WindowShape& shape, const float* in, const float* weights,
                                   float bias, float min, float max, float* scratch, float* out);

struct DepthwiseKernel {
  Isa isa;
  const char* name;
  DepthwiseFunction function;
};

#define DEPTHWISE_KERNEL(isa, suffix)                                                                       \
  void depthwise_f32__##suffix(const WindowShape& shape, const float* in, const float* weights, float bias, \
                               float min, float max, float* scratch, float* out);
#include "kernels/depthwise/kernels.inc"
#undef DEPTHWISE_KERNEL

const DepthwiseKernel& choose_depthwise(Isa isa);

/// Output rows that are made from one staging of input rows.
size_t depthwise_strip_rows(const WindowShape& shape);
size_t depthwise_scratch_floats(const WindowShape& shape);

}  // namespace tfjs_sparse
