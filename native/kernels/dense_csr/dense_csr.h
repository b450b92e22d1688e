#pragma once
// dense_csr: compressed sparse rows from a dense matrix.
//
//   count:  how many entries each row keeps       one read of the matrix
//   offsets: the running sum
//   fill:   columns and values                    a second read
//
// A line is what lies together in memory: a row, or a column of a transposed matrix. Kernels look at 64
// values at a time, as one word of truth values: counting is a population count, filling takes the set bits
// one by one, so that the many zeros cost nothing but their read.
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"
#include "core/csr.h"
#include "core/float_order.h"
#include "core/parts.h"

namespace tfjs_sparse {

/// The kernels of one ISA, over one line of n values. An entry is kept when its magnitude key is greater than
/// `key`; NaN's is greater than every other.
struct DenseCsrKernels {
  Isa isa;
  const char* suffix;
  /// How many are kept.
  size_t (*count)(const float* line, size_t n, int32_t key);
  /// counts[i] += 1 for those that are kept.
  void (*add_counts)(const float* line, size_t n, int32_t key, int32_t* counts);
  /// Positions and values of those that are kept, in order. @returns how many
  size_t (*fill)(const float* line, size_t n, int32_t key, int32_t* positions, float* values);
  /// Entry i goes to place next[i]++ of both arrays, with `column` as its column.
  void (*scatter)(const float* line, size_t n, int32_t key, int32_t column, int32_t* next, int32_t* columns,
                  float* values);
};

#define DENSE_CSR_KERNELS(isa, suffix)                                                                      \
  size_t dense_csr_count__##suffix(const float* line, size_t n, int32_t key);                               \
  void dense_csr_add_counts__##suffix(const float* line, size_t n, int32_t key, int32_t* counts);           \
  size_t dense_csr_fill__##suffix(const float* line, size_t n, int32_t key, int32_t* positions,             \
                                  float* values);                                                           \
  void dense_csr_scatter__##suffix(const float* line, size_t n, int32_t key, int32_t column, int32_t* next, \
                                   int32_t* columns, float* values);
#include "kernels/dense_csr/kernels.inc"
#undef DENSE_CSR_KERNELS

/// Every set in this binary, best first.
const DenseCsrKernels* dense_csr_kernels(size_t* count);
const DenseCsrKernels& choose_dense_csr(Isa isa);

/// A dense matrix with rows and columns as the CSR will have them. An entry is kept unless
/// |value| <= tolerance; so NaN is kept.
struct DenseView {
  const float* values;
  size_t rows, cols;
  bool transposed;  ///< values are [cols][rows]
  float tolerance;  ///< at least 0
};

/// Fills the rows + 1 offsets. @returns the number of entries; more than 2^31 - 1 make the offsets
/// meaningless.
/// @param run  splits the work by rows
size_t csr_count(Isa isa, const DenseView& dense, const RunParts& run, int32_t* row_offsets);

/// Fills indices and values after csr_count. @param next  `rows` words of scratch memory
void csr_fill(Isa isa, const DenseView& dense, const RunParts& run, const CsrParts& out, int32_t* next);

}  // namespace tfjs_sparse
