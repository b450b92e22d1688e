#pragma once
#include <cstddef>
#include <cstdint>

#include "core/status.h"

namespace tfjs_sparse {

/// Compressed sparse rows of somebody else's memory: `row_offsets` has rows + 1 entries, the others
/// row_offsets[rows].
struct CsrView {
  size_t rows = 0, cols = 0;
  const int32_t* row_offsets = nullptr;
  const int32_t* col_indices = nullptr;
  const float* values = nullptr;
};

/// The same, to be written.
struct CsrParts {
  int32_t* row_offsets;
  int32_t* col_indices;
  float* values;
};

/// Offsets from 0 to nnz that never fall; indices that rise within a row, in [0, cols). Reads nothing before
/// it is known to lie inside.
/// @returns ERR_SPARSE_CSR with the position of the first fault
Status csr_validate(size_t rows, size_t cols, const int32_t* row_offsets, const int32_t* col_indices,
                    size_t nnz);

/// dense[rows][cols], every element written.
void csr_to_dense(const CsrView& csr, float* dense);

/// The matrix with rows and columns exchanged. @param next  `csr.cols` words of scratch memory
void csr_transpose(const CsrView& csr, const CsrParts& out, int32_t* next);

}  // namespace tfjs_sparse
