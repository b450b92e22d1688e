#include "kernels/binary/binary.h"

namespace tfjs_sparse {

namespace {
constexpr BinaryKernel kKernels[] = {
#define BINARY_KERNEL(isa, suffix) {Isa::isa, #suffix, binary_f32__##suffix},
#include "kernels/binary/kernels.inc"
#undef BINARY_KERNEL
};
}  // namespace

const BinaryKernel* binary_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const BinaryKernel& choose_binary(Isa isa) {
  for (const BinaryKernel& kernel : kKernels)
    if (kernel.isa == isa) return kernel;
  return kKernels[sizeof(kKernels) / sizeof(kKernels[0]) - 1];
}

}  // namespace tfjs_sparse
