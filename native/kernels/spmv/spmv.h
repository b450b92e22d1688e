#pragma once
// spmv: y = clamp(W · x + bias), one activation vector or a few; lanes run along outputs.
//
// Sliding-window ELL. Outputs are cut into slices of `rows` (the lanes). A slice is a list of steps; a step
// looks at a window of `columns` neighbouring inputs and multiplies at most one weight of every output with
// it, so that a step is a few register permutes and one fused multiply-add: no gathers. As many steps as have
// their places in one 32-bit word of each output make a group: one load, and a shift for each step.
//
//   for slice:
//     acc[rows] = bias, first = x                        (int8: acc = 0)
//     for group in slice:
//       first += offset[0], word[rows] = places[group]   inputs, 16 bits
//       for step in group:
//         window = first + offset[step]                  of the first step: first
//         acc += value[step] · permute(window[0:columns], column_bits of word)
//     y = clamp(acc)                                     (int8: clamp(scale · acc + bias))
//
// The packer places the windows: each begins at the first weight that is left (rounded down so that its loads
// seldom cross cache lines), and every output whose next weight lies inside gives it. Outputs run ahead of
// each other by up to a window, so random patterns need little padding: slots per weight at 50, 70, 90, 95 %
// zeros are 1.13, 1.25, 1.77, 2.33 for 8×16 windows and 1.06, 1.15, 1.49, 1.86 for 16×32.
//
// Measured and dropped (one core of an AMD EPYC 9004, AVX2, 2026-11; 4096² and 1024², 90 % zeros, us; the
// first form, whose steps each had their own places, took 370 and 19.6, beside which these were tried; for
// this one see docs/decisions/0006):
//   windows at any offset: 1.61 slots, but loads cross cache lines            375   20.5
//   fixed blocks of 16, each padded to the slice's widest output, blocks
//   sorted by width and loops unrolled: 2.16 slots                            541   22.2
//   the same with blocks of 32, four permutes and three blends: 1.8 slots     592   35.1
//
// Where a permute reaches half a window only (AVX2: 8 floats), windows of that width, anywhere, are a second
// format: one permute and no blend for 2.06 slots, not 1.77. They win for bfloat16 and int8, for several
// vectors, and for float32 with less than about 85 % zeros that stays in the caches.
//
// Of a few vectors, four or two at a time (three too, where weights are dense) share what is read and decoded
// of a weight, and need no transposition: each is a row as the caller has it. Up to how many they beat spmm,
// the cost model says.
//
// Counted and dropped (slots per weight, 90 % zeros, 8×16): outputs ordered by their number of weights 1.75
// against 1.76; steps with a single weight moved to a list of their own: 1.65, and 1.4 % of the weights in
// the list, whose scattered adds cost what they save; steps with up to two: 1.45 and 6.3 %. Balanced weights
// (the same number in every block of 32 inputs of every output) need no padding in 16×32 windows: 1.00 slots
// at every sparsity; 1.42 in 8×16 at 90 %, 1.09 at 70 %.
//
// kSpmvDense leaves windows out: for every input, broadcast x[k] and add a column of the slice.
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"
#include "core/storage.h"

namespace tfjs_sparse {

/// A range of slices of a packed weight. All streams are read front to back. Dense patterns have values and
/// scales only.
struct SpmvSlices {
  size_t slices;
  const uint32_t* groups;   ///< of each slice
  const uint16_t* offsets;  ///< per step, in inputs: a group's first window from that of the group before
                            ///< (of a slice's first group, from x); every other window from its group's first
  const uint32_t* places;   ///< per group: a word of each output: places in its windows, first step lowest
  const void* values;       ///< per step: `rows` elements of the kernel's storage; 0 pads
  const float* scales;      ///< int8 only: `rows` per slice
  bool streamed = false;    ///< more than the caches keep: asks for values ahead of their use
};

struct SpmvCall {
  const float* x;     ///< `count` vectors of inputs; max(k, columns) floats of each readable
  const float* bias;  ///< rows per slice
  float* y;           ///< `count` vectors of outputs; rows per slice of each are written
  size_t k;           ///< inputs
  float min, max;     ///< clamp; NaN passes through
  size_t count = 1;
  size_t x_stride = 0, y_stride = 0;  ///< floats from vector to vector
};

using SpmvFunction = void (*)(const SpmvCall& call, const SpmvSlices& slices);

/// kSpmvNarrow: windows half as wide, of which more are needed and each takes less.
enum SpmvPattern : uint8_t { kSpmvSparse, kSpmvDense, kSpmvNarrow };

struct SpmvKernel {
  Isa isa;
  const char* name;
  SpmvFunction function;
  uint8_t rows;         ///< outputs per slice
  uint8_t columns;      ///< inputs per window; 1 in a dense pattern
  uint8_t column_bits;  ///< of a stored place in the window; 0 in a dense pattern
  SpmvPattern pattern;
  Storage storage;

  /// Steps of a group; 1 in a dense pattern.
  size_t steps() const { return column_bits == 0 ? 1 : 32 / column_bits; }
};

#define SPMV_KERNEL(isa, name, rows, columns, bits, pattern, storage) \
  void name(const SpmvCall& call, const SpmvSlices& slices);
#include "kernels/spmv/kernels.inc"
#undef SPMV_KERNEL

/// Defines the kernels of one row of kernels.inc: `function`<weight type, ...> for each storage.
#define SPMV_DEFINE(format, shape, suffix, function, ...)                                        \
  void spmv_##format##_f32_minmax_##shape##__##suffix(const SpmvCall& c, const SpmvSlices& s) {  \
    function<WeightF32, __VA_ARGS__>(c, s);                                                      \
  }                                                                                              \
  void spmv_##format##_bf16_minmax_##shape##__##suffix(const SpmvCall& c, const SpmvSlices& s) { \
    function<WeightBf16, __VA_ARGS__>(c, s);                                                     \
  }                                                                                              \
  void spmv_##format##_i8_minmax_##shape##__##suffix(const SpmvCall& c, const SpmvSlices& s) {   \
    function<WeightI8, __VA_ARGS__>(c, s);                                                       \
  }

/// Every kernel in this binary, best first.
const SpmvKernel* spmv_kernels(size_t* count);
/// The best kernel of the ISA for `n` outputs: the widest slices that n fills. Of windows the ISA may have
/// one kind.
const SpmvKernel* choose_spmv(Isa isa, SpmvPattern pattern, size_t n, Storage storage = Storage::kFloat32);
/// The scalar kernel for slices of this shape and storage: skips zeros, so that it is right for non-finite
/// activations.
const SpmvKernel* scalar_spmv(const SpmvKernel& kernel);

}  // namespace tfjs_sparse
