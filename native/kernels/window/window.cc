#include "kernels/window/window.h"

namespace tfjs_sparse {

namespace {
constexpr WindowKernel kKernels[] = {
#define WINDOW_KERNEL(isa, suffix) {Isa::isa, #suffix, max_pool_f32__##suffix, avg_pool_f32__##suffix},
#include "kernels/window/kernels.inc"
#undef WINDOW_KERNEL
};
}  // namespace

const WindowKernel* window_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const WindowKernel& choose_window(Isa isa) {
  for (const WindowKernel& kernel : kKernels)
    if (kernel.isa == isa) return kernel;
  return kKernels[sizeof(kKernels) / sizeof(kKernels[0]) - 1];
}

}  // namespace tfjs_sparse
