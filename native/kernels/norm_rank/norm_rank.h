#pragma once
// norm_rank: one number for each block of a matrix [inputs][outputs], and the blocks in rising order of it.
//
//   for band in bands of block_inputs rows:
//     acc[outputs] = 0                                  (tiles of columns, so that acc stays near)
//     for 8 rows in band:   acc[:] += |x|, x² or x      (the columns kernel: in memory order, acc loaded
//     once) norm[band][b] = acc of the block's columns, added from left to right
//   a whole row is one block: the row kernel instead, 16 partial sums, added pairwise
//
// Every ISA adds in this same order, in float64, and rounds once to float32: norms and with them rankings are
// the same bits on every machine.
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"
#include "core/float_order.h"
#include "core/parts.h"

namespace tfjs_sparse {

enum class Norm : uint8_t {
#define SPARSE_NORM(name, text) name,
#include "kernels/norm_rank/norms.inc"
#undef SPARSE_NORM
};

/// Partial sums of the row kernels: element i is added to sum i mod 16. The first n/16·16 elements only in
/// whole rounds; the sums are then added pairwise: s[j] += s[j + 8], then + 4, + 2, + 1.
inline constexpr size_t kNormLanes = 16;

/// The kernels of one ISA. Sums: index 0 of |x|, 1 of x², 2 of x. Maxima: index 0 of magnitude keys, 1 of
/// score keys.
struct NormKernels {
  Isa isa;
  const char* suffix;
  double (*row_sum[3])(const float* values, size_t n);
  int32_t (*row_max[2])(const float* values, size_t n);
  /// sums[c] += over `rows` rows, top to bottom, `stride` apart.
  void (*column_sums[3])(const float* values, size_t rows, size_t columns, size_t stride, double* sums);
  void (*column_maxima[2])(const float* values, size_t rows, size_t columns, size_t stride, int32_t* maxima);
};

#define NORM_KERNELS(isa, suffix)                                                                            \
  double norm_row_l1__##suffix(const float* values, size_t n);                                               \
  double norm_row_l2__##suffix(const float* values, size_t n);                                               \
  double norm_row_plain__##suffix(const float* values, size_t n);                                            \
  int32_t norm_row_max_magnitude__##suffix(const float* values, size_t n);                                   \
  int32_t norm_row_max_score__##suffix(const float* values, size_t n);                                       \
  void norm_columns_l1__##suffix(const float* values, size_t rows, size_t columns, size_t stride,            \
                                 double* sums);                                                              \
  void norm_columns_l2__##suffix(const float* values, size_t rows, size_t columns, size_t stride,            \
                                 double* sums);                                                              \
  void norm_columns_plain__##suffix(const float* values, size_t rows, size_t columns, size_t stride,         \
                                    double* sums);                                                           \
  void norm_columns_max_magnitude__##suffix(const float* values, size_t rows, size_t columns, size_t stride, \
                                            int32_t* maxima);                                                \
  void norm_columns_max_score__##suffix(const float* values, size_t rows, size_t columns, size_t stride,     \
                                        int32_t* maxima);
#include "kernels/norm_rank/kernels.inc"
#undef NORM_KERNELS

/// Every set in this binary, best first.
const NormKernels* norm_kernels(size_t* count);
const NormKernels& choose_norm(Isa isa);

/// Blocks of a matrix. The first block of each side may be shorter than the others, as the last one may.
struct NormBlocks {
  size_t inputs, outputs;              ///< of the matrix
  size_t block_inputs, block_outputs;  ///< of a block
  size_t first_inputs, first_outputs;  ///< of the first block, from 1 to a whole one's
  size_t bands() const;                ///< blocks along the inputs
  size_t across() const;               ///< blocks along the outputs
};

/// One number per block, in row-major order of blocks. A NaN among the values makes an L1, L2 or Linf norm
/// NaN; what it does to means and greatest values is left open (first_nan tells). The result does not depend
/// on `run`.
/// @param norms  bands() · across() values
/// @param run    splits the work among bands or columns; nullptr runs it whole
void block_norms(Isa isa, Norm norm, const float* values, const NormBlocks& blocks, float* norms,
                 const RunParts* run = nullptr);

/// Position of the first NaN, n when there is none: core/float_order.h's, vectorised.
size_t first_nan(Isa isa, const float* values, size_t n);

/// Positions of `norms` (not negative, no NaN) in rising order; the lower position first among equals.
/// @param scratch  2·n words of 64 bits
void rank_rising(const float* norms, size_t n, uint64_t* scratch, uint32_t* ranking);

}  // namespace tfjs_sparse
