#pragma once
#include <cstddef>

#include "core/cpu.h"
#include "kernels/spmv/spmv.h"
#include "session/plan.h"

namespace tfjs_sparse {

/// The kernel that a choice with a vector means for `n` outputs.
inline const SpmvKernel& vector_kernel(const KernelChoice& choice, Isa isa, size_t n) {
  const SpmvPattern pattern = choice.vector == KernelChoice::kDense    ? kSpmvDense
                              : choice.vector == KernelChoice::kNarrow ? kSpmvNarrow
                                                                       : kSpmvSparse;
  return *choose_spmv(isa, pattern, n, choice.storage);
}

}  // namespace tfjs_sparse
