#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/csr.h"
#include "kernels/dense_csr/dense_csr.h"

namespace tfjs_sparse {

/// A dense weight [n][k] as CSR, while it is looked at or packed.
struct OwnedCsr {
  OwnedCsr(const float* dense, size_t n, size_t k) : rows(n), cols(k), offsets(n + 1) {
    const DenseView view{dense, n, k, false, 0};
    const RunParts whole = [](size_t count, const std::function<void(size_t)>& task) {
      for (size_t part = 0; part < count; ++part) task(part);
    };
    const size_t entries = csr_count(Isa::kScalar, view, whole, offsets.data());
    columns.resize(entries);
    values.resize(entries);
    std::vector<int32_t> next(n);
    csr_fill(Isa::kScalar, view, whole, {offsets.data(), columns.data(), values.data()}, next.data());
  }
  CsrView view() const { return {rows, cols, offsets.data(), columns.data(), values.data()}; }

  size_t rows, cols;
  std::vector<int32_t> offsets, columns;
  std::vector<float> values;
};

}  // namespace tfjs_sparse
