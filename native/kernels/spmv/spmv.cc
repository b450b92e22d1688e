#include "kernels/spmv/spmv.h"

namespace tfjs_sparse {

namespace {
constexpr SpmvKernel kKernels[] = {
#define SPMV_KERNEL(isa, name, rows, columns, bits, pattern, storage) \
  {Isa::isa, #name, name, rows, columns, bits, pattern, Storage::storage},
#include "kernels/spmv/kernels.inc"
#undef SPMV_KERNEL
};
}  // namespace

const SpmvKernel* spmv_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const SpmvKernel* choose_spmv(Isa isa, SpmvPattern pattern, size_t n, Storage storage) {
  const SpmvKernel* narrowest = nullptr;
  for (const SpmvKernel& kernel : kKernels) {
    if (kernel.isa != isa || kernel.pattern != pattern || kernel.storage != storage) continue;
    if (kernel.rows <= n) return &kernel;
    if (narrowest == nullptr || kernel.rows < narrowest->rows) narrowest = &kernel;
  }
  if (narrowest == nullptr && pattern == kSpmvNarrow) return choose_spmv(isa, kSpmvSparse, n, storage);
  return narrowest;
}

const SpmvKernel* scalar_spmv(const SpmvKernel& kernel) {
  for (const SpmvKernel& other : kKernels)
    if (other.isa == Isa::kScalar && other.pattern == kernel.pattern && other.rows == kernel.rows &&
        other.columns == kernel.columns && other.storage == kernel.storage)
      return &other;
  return nullptr;
}

}  // namespace tfjs_sparse
