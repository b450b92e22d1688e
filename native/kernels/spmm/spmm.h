#pragma once
// spmm: C[N][M] = clamp(W · A[K][M] + bias), feature-major, W packed.
//
// A non-zero weight costs one broadcast and mr/lanes fused multiply-adds on contiguous loads: no gathers,
// whatever the pattern. W is cut into blocks of spmm_block_k inputs, so that the panel of A that a block
// reads stays in the L1 cache, or where outputs have few entries near it, and into groups of nr outputs that
// share one pattern:
//
//   for block in K blocks:                      (the caller's loop: it packs the panel)
//     for group in groups of the block:         (one kernel call)
//       acc[nr][mr] = block is first ? bias : sums     (int8: 0 in place of bias)
//       for entry in group:                     column, nr values
//         acc[r][:] += value[r] · panel[column][:]
//       C = block is last ? clamp(acc) : acc           (int8: clamp(scale · acc + bias))
// C of a block that is not the last one is the sums of the next.
//
// kSpmmSlices groups four or eight outputs of a chunk, in the order of their counts, that share nothing but
// the loop: an entry is a weight and a column for each. Where an output has fewer, the rest are weights of
// zero (1 % of them at 90 % zeros) for a row of zeros behind the panel's. See slices.h.
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
#include <type_traits>

#include "core/cpu.h"
#include "core/storage.h"

namespace tfjs_sparse {

/// Outputs in a group from which on a column takes two bytes: beside nr values they cost little.
inline constexpr unsigned kSpmmWideNr = 4;
/// A column inside a block.
template <unsigned kNr>
using SpmmColumn = std::conditional_t<(kNr >= kSpmmWideNr), uint16_t, uint8_t>;
/// Bytes of a column.
inline constexpr size_t spmm_column_bytes(unsigned nr) { return nr >= kSpmmWideNr ? 2 : 1; }
/// Most inputs of a K block: a column is one byte in groups of one or two outputs.
inline constexpr size_t spmm_max_block_k(unsigned nr) { return nr >= kSpmmWideNr ? 1024 : 256; }
inline constexpr size_t kSpmmMaxBlockK = 1024;
/// Columns behind the last one of a block that a kernel may read too: it asks for their rows of activations,
/// whatever they are.
inline constexpr size_t kSpmmColumnsAhead = 8;
/// Inputs per K block for an ISA: the panel of its widest unstructured tile then takes 32 KB, the L1 cache.
/// Wide groups of a sparse weight take twice or four times as many where they have few entries in a block:
/// the panel's rows come from the L2 cache in turn, but sums are loaded and stored less often. 24 x 4, 1024²,
/// M = 48, AVX2, share of the peak with 256, 512 and 1024 inputs: 95 % zeros 0.78, 0.86, 0.89; 90 % 0.88,
/// 0.91, 0.92 (M = 64); 80 % 0.96, 0.96, 0.94; 70 % 0.98, 0.96, 0.90 (Zen 4, 2026-11).
/// @param density  share of the inputs that a group has an entry for; 1 in a dense pattern
size_t spmm_block_k(Isa isa, unsigned nr = 1, double density = 1);
/// Outputs of a slice for up to a register of columns, and inputs of its K blocks: AVX2's panel of 8 columns
/// then takes 16 KB. Cycles per weight at 90 % zeros from rows to rows, 1024², 4096² and 300×784, M =
/// 8: 1.02, 1.16, 1.19; with 384 1.08, 1.19, 1.24; with 256 1.11, 1.21, 1.33 (Zen 4, 2026-11). The loop alone
/// with 1024: 1.08 for 1.02 at 1024², 1.89 for 1.39 at 4096².
inline constexpr size_t kSpmmSliceOutputs = 8, kSpmmSliceBlockK = 512;
/// The same for several registers of columns: AVX2's panel of 24 columns takes 24 KB. 1024², M = 48 from rows
/// to rows, 90 and 50 % zeros: 166 and 722 us, with 344 inputs 169 and 771, with 512 200 and 780 (Zen 4,
/// 2026-11).
inline constexpr size_t kSpmmWideSliceOutputs = 4, kSpmmWideSliceBlockK = 256;
/// Columns of a panel are a multiple of this. Input k of a slice is stored as k times its bytes, so that the
/// row is found by the scale of an address.
inline constexpr size_t kSpmmSliceUnit = 4;
/// Widest tile of any kernel, in floats: panels are made for it.
inline constexpr size_t kSpmmMaxMr = 96;

/// One K block of a packed weight.
struct SpmmBlock {
  /// First entry of each group; groups + 1 values.
  const uint32_t* offsets;
  /// First output of each group (a multiple of nr): where its rows of C and bias are. In slices all nr of a
  /// group.
  const uint32_t* outputs;
  /// Column of each entry inside the block, an SpmmColumn<nr> each, and kSpmmColumnsAhead more; nullptr in a
  /// dense pattern. In slices nr of each entry and no more, in bytes of kSpmmSliceUnit floats.
  const void* columns;
  /// nr elements of the kernel's storage per entry.
  const void* values;
  /// int8 only: by output, a multiple of nr long.
  const float* scales;
};

/// One call: the groups [0, groups) of a block over mr columns of the activations.
struct SpmmTile {
  const float* a;   ///< panel: input k of the block at a + k·a_stride, mr floats readable
  size_t a_stride;  ///< floats; mr in slices
  float* c;  ///< output n at c + n·c_stride, mr floats written; rows up to a multiple of nr are written
  size_t c_stride;     ///< floats
  const float* sums;   ///< of the block before, like c; may be the same
  size_t sums_stride;  ///< floats
  const float* bias;   ///< by output, a multiple of nr long
  size_t groups;
  bool first;  ///< start from bias, else from sums
  bool last;   ///< clamp to [min, max]; NaN passes through
  float min, max;
  bool far = false;  ///< weights come from behind the L2 cache: unstructured ones are asked for ahead
};

using SpmmFunction = void (*)(const SpmmTile& tile, const SpmmBlock& block);

enum SpmmPattern : uint8_t { kSpmmSparse, kSpmmDense, kSpmmSlices };

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
/// The kernel that takes the first of so many columns: the ISA's widest for (nr, pattern, storage) with mr <=
/// `columns` rounded up to its narrowest; up to 8 columns AVX-512's CPUs take AVX2's. Slices take the next
/// one where the widest would leave a single register of columns. Never null for an nr of 1, 2, 4 or 8; in
/// slices for 8, and 4 where the ISA has them.
const SpmmKernel* choose_spmm(Isa isa, unsigned nr, SpmmPattern pattern, size_t columns,
                              Storage storage = Storage::kFloat32);
/// The ISA has slices with several registers of columns: of kSpmmWideSliceOutputs.
bool spmm_has_wide_slices(Isa isa);
/// Narrowest mr for so many columns: they are computed up to a multiple of it at most.
size_t spmm_lanes(Isa isa, size_t columns);

}  // namespace tfjs_sparse
