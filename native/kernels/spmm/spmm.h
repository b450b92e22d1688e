#pragma once
// spmm: C[N][M] = clamp(W · A[K][M] + bias), feature-major, W packed.
//
// A non-zero weight costs one broadcast and mr/lanes fused multiply-adds on contiguous loads: no gathers,
// whatever the pattern. W is cut into blocks of spmm_block_k inputs, so that the panel of A that a block
// reads stays in the L1 cache, and into groups of nr outputs that share one pattern:
//
//   for block in K blocks:                      (the caller's loop: it packs the panel)
//     for group in groups of the block:         (one kernel call)
//       acc[nr][mr] = block is first ? bias : C        (int8: 0 in place of bias)
//       for entry in group:                     column, nr values
//         acc[r][:] += value[r] · panel[column][:]
//       C = block is last ? clamp(acc) : acc           (int8: clamp(scale · acc + bias))
//
// nr = 1 is unstructured CSR, nr = 2, 4, 8 is block sparsity (columns of a group are the union of its
// outputs' patterns), and kSpmmDense leaves the columns out: the same loop over every input.
//
// Groups of a block run in the order of their entry counts, so that the inner loop's trip count changes
// rarely and its exit is predicted: without that, one misprediction per group costs a quarter of the time at
// 13 entries per group. The order of the sum of one output never changes: blocks rise, columns rise within a
// block. So results do not depend on the tile, on the split among threads, or on the neighbours.
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"
#include "core/storage.h"

namespace tfjs_sparse {

/// Most inputs of a K block: a column inside a block is one byte.
inline constexpr size_t kSpmmMaxBlockK = 256;
/// Inputs per K block for an ISA: the panel of its widest unstructured tile then takes 32 KB, the L1 cache.
size_t spmm_block_k(Isa isa);
/// Widest tile of any kernel, in floats: panels are made for it.
inline constexpr size_t kSpmmMaxMr = 96;

/// One K block of a packed weight.
struct SpmmBlock {
  /// First entry of each group; groups + 1 values.
  const uint32_t* offsets;
  /// First output of each group (a multiple of nr): where its rows of C and bias are.
  const uint32_t* outputs;
  /// Column of each entry inside the block; nullptr in a dense pattern.
  const uint8_t* columns;
  /// nr elements of the kernel's storage per entry.
  const void* values;
  /// int8 only: by output, a multiple of nr long.
  const float* scales;
};

/// One call: the groups [0, groups) of a block over mr columns of the activations.
struct SpmmTile {
  const float* a;   ///< panel: input k of the block at a + k·a_stride, mr floats readable
  size_t a_stride;  ///< floats
  float* c;  ///< output n at c + n·c_stride, mr floats written; rows up to a multiple of nr are written
  size_t c_stride;    ///< floats
  const float* bias;  ///< by output, a multiple of nr long
  size_t groups;
  bool first;  ///< start from bias, else from C
  bool last;   ///< clamp to [min, max]; NaN passes through
  float min, max;
};

using SpmmFunction = void (*)(const SpmmTile& tile, const SpmmBlock& block);

enum SpmmPattern : uint8_t { kSpmmSparse, kSpmmDense };

struct SpmmKernel {
  Isa isa;
  const char* name;
  SpmmFunction function;
  uint16_t mr;  ///< floats along M
  uint8_t nr;   ///< outputs that share a pattern
  SpmmPattern pattern;
  Storage storage;
};

#define SPMM_KERNEL(isa, name, mr, nr, pattern, storage) \
  void name(const SpmmTile& tile, const SpmmBlock& block);
#include "kernels/spmm/kernels.inc"
#undef SPMM_KERNEL

/// Defines the kernels of one row of kernels.inc: `function`<weight type, ...> for each storage.
#define SPMM_DEFINE(format, mr, nr, suffix, function, ...)                                                 \
  void spmm_##format##_f32_minmax_##mr##x##nr##__##suffix(const SpmmTile& tile, const SpmmBlock& block) {  \
    function<WeightF32, __VA_ARGS__>(tile, block);                                                         \
  }                                                                                                        \
  void spmm_##format##_bf16_minmax_##mr##x##nr##__##suffix(const SpmmTile& tile, const SpmmBlock& block) { \
    function<WeightBf16, __VA_ARGS__>(tile, block);                                                        \
  }                                                                                                        \
  void spmm_##format##_i8_minmax_##mr##x##nr##__##suffix(const SpmmTile& tile, const SpmmBlock& block) {   \
    function<WeightI8, __VA_ARGS__>(tile, block);                                                          \
  }

/// Every kernel in this binary, best first.
const SpmmKernel* spmm_kernels(size_t* count);
/// The widest kernel of the ISA for (nr, pattern, storage) with mr <= `m` rounded up to the narrowest kernel;
/// never null for an nr of 1, 2, 4 or 8.
const SpmmKernel* choose_spmm(Isa isa, unsigned nr, SpmmPattern pattern, size_t m,
                              Storage storage = Storage::kFloat32);
/// Narrowest mr of the ISA: activations are padded to a multiple of it.
size_t spmm_lanes(Isa isa);

}  // namespace tfjs_sparse
