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

/// Up to half a register of AVX-512: its CPUs run AVX2's tiles then. Cycles a weight by llvm-mca, slices of 8
/// and of 16 columns: Zen 4 0.91 and 1.59, Skylake server 1.25 and 1.31; blocks of 4 outputs 0.67 and 1.25,
/// 0.81 and 0.88. AVX2's loops compiled for AVX-512 gain nothing more (docs/decisions/0018).
constexpr size_t kHalfColumns = 8;

/// The tiles for so many columns, widest first.
const std::vector<const SpmmKernel*>& tiles_for(Isa isa, unsigned nr, SpmmPattern pattern, size_t columns,
                                                Storage storage) {
  static const KernelIndex index;
  const bool half = isa == Isa::kAvx512 && columns <= kHalfColumns;
  return index.find(half ? Isa::kAvx2Fma : isa, nr, pattern, storage);
}

}  // namespace

const SpmmKernel* spmm_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const SpmmKernel* choose_spmm(Isa isa, unsigned nr, SpmmPattern pattern, size_t columns, Storage storage) {
  const std::vector<const SpmmKernel*>& tiles = tiles_for(isa, nr, pattern, columns, storage);
  if (tiles.empty()) return nullptr;
  const size_t narrowest = tiles.back()->mr, whole = (columns + narrowest - 1) / narrowest * narrowest;
  for (const SpmmKernel* kernel : tiles) {
    if (kernel->mr > whole) continue;
    // 24 and 8 columns of slices take longer than 16 and 16: 8 have too few sums.
    if (pattern == kSpmmSlices && kernel->mr > 2 * narrowest && whole - kernel->mr == narrowest) continue;
    return kernel;
  }
  return tiles.back();
}

bool spmm_has_wide_slices(Isa isa) {
  const SpmmKernel* widest = choose_spmm(isa, kSpmmWideSliceOutputs, kSpmmSlices, kSpmmMaxMr);
  return widest != nullptr && widest->mr > spmm_lanes(isa, kSpmmMaxMr);
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

size_t spmm_lanes(Isa isa, size_t columns) {
  return tiles_for(isa, 1, kSpmmSparse, columns, Storage::kFloat32).back()->mr;
}

}  // namespace tfjs_sparse
