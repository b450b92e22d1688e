// Any bytes as the arrays of a CSR matrix: what csr_validate lets through can be made dense, transposed and
// multiplied.
#include "core/csr.h"

#include <algorithm>
#include <cmath>

#include "bytes.h"
#include "session/csr_product.h"

using namespace tfjs_sparse;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Bytes bytes(data, size);
  const size_t rows = bytes.below(40), cols = bytes.below(40), nnz = bytes.below(64);
  const bool raw = bytes.flag();
  // Offsets and indices that are any number, or that are close to right.
  std::vector<int32_t> offsets(rows + 1), columns(nnz);
  for (int32_t& offset : offsets) offset = raw ? bytes.word() : static_cast<int32_t>(bytes.below(nnz + 2));
  if (!raw) {
    std::sort(offsets.begin(), offsets.end());
    offsets.front() = 0;
    offsets.back() = static_cast<int32_t>(nnz);
  }
  for (int32_t& column : columns) column = raw ? bytes.word() : static_cast<int32_t>(bytes.below(cols + 1));
  if (!raw && bytes.flag())
    for (size_t r = 0; r < rows; ++r)
      if (offsets[r] <= offsets[r + 1] && offsets[r + 1] <= static_cast<int32_t>(nnz))
        std::sort(columns.begin() + offsets[r], columns.begin() + offsets[r + 1]);
  const std::vector<float> values = bytes.weights(nnz);
  if (!csr_validate(rows, cols, offsets.data(), columns.data(), nnz).ok()) return 0;

  const CsrView csr{rows, cols, offsets.data(), columns.data(), values.data()};
  std::vector<float> dense(rows * cols, -9);
  csr_to_dense(csr, dense.data());
  std::vector<int32_t> t_offsets(cols + 1), t_columns(nnz), next(cols);
  std::vector<float> t_values(nnz), t_dense(rows * cols, -9);
  csr_transpose(csr, {t_offsets.data(), t_columns.data(), t_values.data()}, next.data());
  fuzz::check(csr_validate(cols, rows, t_offsets.data(), t_columns.data(), nnz).ok(), "a transpose is CSR");
  csr_to_dense({cols, rows, t_offsets.data(), t_columns.data(), t_values.data()}, t_dense.data());
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < cols; ++c)
      fuzz::check(dense[r * cols + c] == t_dense[c * rows + r], "a transpose has the same entries");

  // Sums of numbers of a few bits are exact: every kernel gives the same.
  const size_t m = 1 + bytes.below(20);
  const std::vector<float> x = bytes.weights(m * cols);
  for (const Isa isa : fuzz::isas()) {
    CsrProduct product(csr, isa, {KernelChoice::kWindow, 1, false});
    std::vector<float> y(m * rows, -9);
    product.multiply(x.data(), m, nullptr, {}, y.data(), 1);
    for (size_t i = 0; i < m; ++i)
      for (size_t r = 0; r < rows; ++r) {
        float sum = 0;
        for (size_t c = 0; c < cols; ++c) sum += dense[r * cols + c] * x[i * cols + c];
        fuzz::check(y[i * rows + r] == sum, "a product is that of the dense matrix");
      }
  }
  return 0;
}
