#include "kernels/spmm/spmm.h"

#include <algorithm>

namespace tfjs_sparse {

namespace {
constexpr SpmmKernel kKernels[] = {
#define SPMM_KERNEL(isa, name, mr, nr, pattern, storage) \
  {Isa::isa, #name, name, mr, nr, pattern, Storage::storage},
#include "kernels/spmm/kernels.inc"
#undef SPMM_KERNEL
};
}  // namespace

const SpmmKernel* spmm_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const SpmmKernel* choose_spmm(Isa isa, unsigned nr, SpmmPattern pattern, size_t m, Storage storage) {
  const SpmmKernel* narrowest = nullptr;
  for (const SpmmKernel& kernel : kKernels) {
    if (kernel.isa != isa || kernel.nr != nr || kernel.pattern != pattern || kernel.storage != storage)
      continue;
    if (kernel.mr <= m) return &kernel;
    narrowest = &kernel;
  }
  return narrowest;
}

size_t spmm_block_k(Isa isa, unsigned nr, double density) {
  constexpr size_t kPanelFloats = 32 * 1024 / sizeof(float), kWidePanelFloats = 3 * kPanelFloats;
  constexpr double kEntries = 72;  // of a group in a block, on average: from there on it pays for its sums
  const size_t mr = choose_spmm(isa, 1, kSpmmSparse, kSpmmMaxMr)->mr;
  size_t block = std::min(kPanelFloats / mr, spmm_max_block_k(1));
  if (nr < kSpmmWideNr) return block;
  const size_t wide_mr = choose_spmm(isa, nr, kSpmmSparse, kSpmmMaxMr)->mr;
  while (2 * block <= spmm_max_block_k(nr) && 2 * block * wide_mr <= kWidePanelFloats &&
         double(block) * density < kEntries)
    block *= 2;
  return block;
}

size_t spmm_lanes(Isa isa) { return choose_spmm(isa, 1, kSpmmSparse, 0)->mr; }

}  // namespace tfjs_sparse
