#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/csr.h"

namespace tfjs_sparse {

/// A dense weight [n][k] as CSR, while it is looked at or packed.
struct OwnedCsr {
  OwnedCsr(const float* dense, size_t n, size_t k) : rows(n), cols(k), offsets(n + 1) {
    const DenseView view{dense, n, k, false, 0};
    const size_t entries = csr_count(view, offsets.data());
    columns.resize(entries);
    values.resize(entries);
    std::vector<int32_t> next(n);
    csr_fill(view, {offsets.data(), columns.data(), values.data()}, next.data());
  }
  CsrView view() const { return {rows, cols, offsets.data(), columns.data(), values.data()}; }

  size_t rows, cols;
  std::vector<int32_t> offsets, columns;
  std::vector<float> values;
};

}  // namespace tfjs_sparse
