#include "kernels/activation/activation.h"

#include <limits>

namespace tfjs_sparse {

namespace {
constexpr ActivationKernel kKernels[] = {
#define ACTIVATION_KERNEL(isa, suffix) \
  {Isa::isa, #suffix, activate_f32__##suffix, softmax_f32__##suffix, normalize_f32__##suffix},
#include "kernels/activation/kernels.inc"
#undef ACTIVATION_KERNEL
};
}  // namespace

const ActivationKernel* activation_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const ActivationKernel& choose_activation(Isa isa) {
  for (const ActivationKernel& kernel : kKernels)
    if (kernel.isa == isa) return kernel;
  return kKernels[sizeof(kKernels) / sizeof(kKernels[0]) - 1];
}

bool activation_clamp(const ActivationCall& activation, float* min, float* max) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  *min = -kInfinity;
  *max = kInfinity;
  switch (activation.type) {
    case Activation::kLinear:
      return true;
    case Activation::kRelu:
      *min = 0;
      return true;
    case Activation::kRelu6:
      *min = 0;
      *max = 6;
      return true;
    case Activation::kClamp:
      *min = activation.min;
      *max = activation.max;
      return true;
    default:
      return false;
  }
}

}  // namespace tfjs_sparse
