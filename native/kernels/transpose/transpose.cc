#include "kernels/transpose/transpose.h"

namespace tfjs_sparse {

namespace {
constexpr TransposeKernel kKernels[] = {
#define TRANSPOSE_KERNEL(isa, name) {Isa::isa, #name, name},
#include "kernels/transpose/kernels.inc"
#undef TRANSPOSE_KERNEL
};
}  // namespace

const TransposeKernel* transpose_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

TransposeFunction choose_transpose(Isa isa) {
  for (const TransposeKernel& kernel : kKernels)
    if (kernel.isa >= isa) return kernel.function;
  return transpose_f32__scalar;
}

}  // namespace tfjs_sparse
