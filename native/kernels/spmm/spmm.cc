#include "kernels/spmm/spmm.h"

#include <algorithm>
#include <vector>

namespace tfjs_sparse {

namespace {
constexpr SpmmKernel kKernels[] = {
#define SPMM_KERNEL(isa, name, mr, nr, pattern, storage) \
  {Isa::isa, #name, name, mr, nr, pattern, Storage::storage},
#include "kernels/spmm/kernels.inc"
#undef SPMM_KERNEL
};

/// Each tile's kernels, widest first. Looked up several times in a run: a search of all kernels took 3 % of a
/// product of 1024² weights at 90 % zeros in blocks of 4 with 16 columns (Zen 4, 2026-11).
class KernelIndex {
 public:
  KernelIndex() {
    for (const SpmmKernel& kernel : kKernels)
      entries_[place(kernel.isa, kernel.nr, kernel.pattern, kernel.storage)].push_back(&kernel);
  }
  const std::vector<const SpmmKernel*>& find(Isa isa, unsigned nr, SpmmPattern pattern,
                                             Storage storage) const {
    return entries_[place(isa, nr, pattern, storage)];
  }

 private:
  static constexpr size_t kIsas = kIsaCount, kMostNr = 8, kPatterns = 3, kStorages = 4;
  /// A place without kernels for an nr that has none.
  static size_t place(Isa isa, unsigned nr, SpmmPattern pattern, Storage storage) {
    const size_t row = nr > kMostNr ? 0 : nr;
    return ((static_cast<size_t>(isa) * (kMostNr + 1) + row) * kPatterns + pattern) * kStorages +
           static_cast<size_t>(storage);
  }
  std::vector<const SpmmKernel*> entries_[kIsas * (kMostNr + 1) * kPatterns * kStorages];
};

}  // namespace

const SpmmKernel* spmm_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const SpmmKernel* choose_spmm(Isa isa, unsigned nr, SpmmPattern pattern, size_t m, Storage storage) {
  static const KernelIndex index;
  const std::vector<const SpmmKernel*>& tiles = index.find(isa, nr, pattern, storage);
  for (const SpmmKernel* kernel : tiles)
    if (kernel->mr <= m) return kernel;
  return tiles.empty() ? nullptr : tiles.back();
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
