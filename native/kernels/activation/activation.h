#pragma once
// Activations as a pass over values that were just stored, while they are in the L1 cache; softmax and
// normalization over features.
//
// linear, relu, relu6 and clamp never come here on the hot path: they are the clamp at the end of a sum
// (activation_clamp). exp(x) = 2^n · p(r) with n = round(x / ln 2), r = x - n·ln 2 in two parts and p the
// Taylor polynomial of degree 6 on
// [-ln2/2, ln2/2]: relative error below 3e-7. tanh and expm1 switch to their own series near 0, where 1 - …
// would cancel. gelu uses erf by Abramowitz & Stegun 7.1.26 (absolute error 1.5e-7).
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"

namespace tfjs_sparse {

enum class Activation : uint8_t {
#define SPARSE_ACTIVATION(name, text) name,
#include "kernels/epilogue.inc"
#undef SPARSE_ACTIVATION
};
inline constexpr int kActivationCount = 0
#define SPARSE_ACTIVATION(name, text) +1
#include "kernels/epilogue.inc"
#undef SPARSE_ACTIVATION
    ;

/// 2 · sqrt(2 / π) and the weight of x³ in the tanh form of gelu (Hendrycks & Gimpel 2016, arXiv:1606.08415).
inline constexpr float kGeluScale = 1.5957691216057308f, kGeluCube = 0.044715f;

/// An activation with its numbers: alpha of leakyRelu, the threshold of thresholdedRelu (in alpha), the
/// factor of hardSwish (in alpha), min and max of clamp.
struct ActivationCall {
  Activation type = Activation::kLinear;
  float alpha = 0, min = 0, max = 0;
};

/// The bounds that make the activation a clamp. @returns false when it is more than that.
bool activation_clamp(const ActivationCall& activation, float* min, float* max);

/// data[i] = activation(data[i]).
using ActivationFunction = void (*)(const ActivationCall& activation, float* data, size_t count);
/// Softmax over `features` rows of `stride` floats, for each of the first `count` columns. The largest is
/// taken off first.
using SoftmaxFunction = void (*)(const float* in, float* out, size_t features, size_t stride, size_t count);

/// (x - mean) / sqrt(variance + epsilon) over the same features. The mean is taken off before squaring; sums
/// are taken in blocks.
using NormalizeFunction = void (*)(const float* in, float* out, size_t features, size_t stride, size_t count,
                                   float epsilon);

struct ActivationKernel {
  Isa isa;
  const char* name;
  ActivationFunction activate;
  SoftmaxFunction softmax;
  NormalizeFunction normalize;
};

#define ACTIVATION_KERNEL(isa, suffix)                                                                    \
  void activate_f32__##suffix(const ActivationCall& activation, float* data, size_t count);               \
  void softmax_f32__##suffix(const float* in, float* out, size_t features, size_t stride, size_t count);  \
  void normalize_f32__##suffix(const float* in, float* out, size_t features, size_t stride, size_t count, \
                               float epsilon);
#include "kernels/activation/kernels.inc"
#undef ACTIVATION_KERNEL

const ActivationKernel* activation_kernels(size_t* count);
const ActivationKernel& choose_activation(Isa isa);

}  // namespace tfjs_sparse
