#include "core/csr.h"

#include <algorithm>
#include <string>

namespace tfjs_sparse {

namespace {

Status fault(const std::string& what) { return Status::Error(StatusCode::kCsr, what); }

/// counts[i + 1] becomes the sum of counts up to i. @returns the total
size_t offsets_from_counts(int32_t* counts, size_t n) {
  size_t total = 0;
  counts[0] = 0;
  for (size_t i = 1; i <= n; ++i) {
    total += static_cast<size_t>(counts[i]);
    counts[i] = static_cast<int32_t>(total);
  }
  return total;
}

}  // namespace

Status csr_validate(size_t rows, size_t cols, const int32_t* row_offsets, const int32_t* col_indices,
                    size_t nnz) {
  if (row_offsets[0] != 0)
    return fault("rowOffsets[0]: expected 0, received " + std::to_string(row_offsets[0]));
  for (size_t r = 0; r < rows; ++r) {
    const int32_t from = row_offsets[r], to = row_offsets[r + 1];
    if (to >= from && static_cast<size_t>(to) <= nnz) continue;
    return fault("rowOffsets[" + std::to_string(r + 1) + "]: expected " +
                 (to < from ? "at least " + std::to_string(from) : "at most " + std::to_string(nnz)) +
                 ", received " + std::to_string(to));
  }
  if (static_cast<size_t>(row_offsets[rows]) != nnz)
    return fault("rowOffsets[" + std::to_string(rows) + "]: expected " + std::to_string(nnz) +
                 " (the number of values), received " + std::to_string(row_offsets[rows]));
  for (size_t r = 0; r < rows; ++r) {
    int64_t previous = -1;
    for (int32_t p = row_offsets[r]; p < row_offsets[r + 1]; ++p) {
      const int32_t column = col_indices[p];
      if (column > previous && static_cast<size_t>(column) < cols) {
        previous = column;
        continue;
      }
      const std::string at =
          "colIndices[" + std::to_string(p) + "] (row " + std::to_string(r) + "): expected ";
      const std::string received = ", received " + std::to_string(column);
      if (column < 0 || static_cast<size_t>(column) >= cols)
        return fault(at + "a column in [0, " + std::to_string(cols) + ")" + received);
      return fault(at + "more than " + std::to_string(previous) + received);
    }
  }
  return Status::Ok();
}

void csr_to_dense(const CsrView& csr, float* dense) {
  std::fill_n(dense, csr.rows * csr.cols, 0.0f);  // memset refuses the null pointer of an empty matrix
  for (size_t r = 0; r < csr.rows; ++r)
    for (int32_t p = csr.row_offsets[r]; p < csr.row_offsets[r + 1]; ++p)
      dense[r * csr.cols + static_cast<size_t>(csr.col_indices[p])] = csr.values[p];
}

void csr_transpose(const CsrView& csr, const CsrParts& out, int32_t* next) {
  const int32_t nnz = csr.row_offsets[csr.rows];
  std::fill_n(out.row_offsets, csr.cols + 1, 0);
  for (int32_t p = 0; p < nnz; ++p) ++out.row_offsets[csr.col_indices[p] + 1];
  offsets_from_counts(out.row_offsets, csr.cols);
  std::copy_n(out.row_offsets, csr.cols, next);
  for (size_t r = 0; r < csr.rows; ++r) {
    for (int32_t p = csr.row_offsets[r]; p < csr.row_offsets[r + 1]; ++p) {
      const int32_t q = next[csr.col_indices[p]]++;
      out.col_indices[q] = static_cast<int32_t>(r);
      out.values[q] = csr.values[p];
    }
  }
}

}  // namespace tfjs_sparse
