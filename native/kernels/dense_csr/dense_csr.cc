#include "kernels/dense_csr/dense_csr.h"

#include <algorithm>

namespace tfjs_sparse {

namespace {

constexpr DenseCsrKernels kKernels[] = {
#define DENSE_CSR_KERNELS(isa, suffix) \
  {Isa::isa,                           \
   #suffix,                            \
   dense_csr_count__##suffix,          \
   dense_csr_add_counts__##suffix,     \
   dense_csr_fill__##suffix,           \
   dense_csr_scatter__##suffix},
#include "kernels/dense_csr/kernels.inc"
#undef DENSE_CSR_KERNELS
};

/// Rows of a part: about 64 thousand values, and whole cache lines of the offsets. Of a transposed matrix a
/// part reads a piece of every line: long enough to stream, and few enough rows that the ends of all of them
/// stay in the L2 cache.
size_t rows_of_part(const DenseView& d) {
  if (d.transposed) return 1024;
  const size_t rows = (size_t{1} << 16) / std::max<size_t>(d.cols, 1);
  return std::max<size_t>(rows / 16, 1) * 16;
}

/// Calls work(first, last) for ranges of rows.
template <typename Work>
void for_rows(const DenseView& d, const RunParts& run, Work work) {
  const size_t rows = rows_of_part(d);
  run((d.rows + rows - 1) / rows,
      [&](size_t part) { work(part * rows, std::min(d.rows, (part + 1) * rows)); });
}

}  // namespace

const DenseCsrKernels* dense_csr_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const DenseCsrKernels& choose_dense_csr(Isa isa) {
  for (const DenseCsrKernels& kernels : kKernels)
    if (kernels.isa == isa) return kernels;
  return choose_dense_csr(Isa::kScalar);
}

size_t csr_count(Isa isa, const DenseView& d, const RunParts& run, int32_t* row_offsets) {
  const DenseCsrKernels& kernels = choose_dense_csr(isa);
  const int32_t key = magnitude_key(d.tolerance);
  int32_t* counts = row_offsets + 1;
  row_offsets[0] = 0;
  for_rows(d, run, [&](size_t first, size_t last) {
    if (d.transposed) {
      std::fill(counts + first, counts + last, 0);
      for (size_t c = 0; c < d.cols; ++c)
        kernels.add_counts(d.values + c * d.rows + first, last - first, key, counts + first);
    } else {
      for (size_t r = first; r < last; ++r)
        counts[r] = static_cast<int32_t>(kernels.count(d.values + r * d.cols, d.cols, key));
    }
  });
  size_t total = 0;
  for (size_t r = 0; r < d.rows; ++r) {
    total += static_cast<size_t>(counts[r]);
    counts[r] = static_cast<int32_t>(total);
  }
  return total;
}

void csr_fill(Isa isa, const DenseView& d, const RunParts& run, const CsrParts& out, int32_t* next) {
  const DenseCsrKernels& kernels = choose_dense_csr(isa);
  const int32_t key = magnitude_key(d.tolerance);
  for_rows(d, run, [&](size_t first, size_t last) {
    if (d.transposed) {
      std::copy(out.row_offsets + first, out.row_offsets + last, next + first);
      for (size_t c = 0; c < d.cols; ++c)
        kernels.scatter(d.values + c * d.rows + first, last - first, key, static_cast<int32_t>(c),
                        next + first, out.col_indices, out.values);
    } else {
      for (size_t r = first; r < last; ++r) {
        const int32_t at = out.row_offsets[r];
        kernels.fill(d.values + r * d.cols, d.cols, key, out.col_indices + at, out.values + at);
      }
    }
  });
}

}  // namespace tfjs_sparse
