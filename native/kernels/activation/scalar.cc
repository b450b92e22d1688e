// The specification, in the C library's float functions.
#include <cmath>

#include "kernels/activation/activation.h"

namespace tfjs_sparse {
namespace {

constexpr float kSeluAlpha = 1.6732632423543772f, kSeluScale = 1.0507009873554805f;

float activate(const ActivationCall& activation, float x) {
  switch (activation.type) {
    case Activation::kLinear:
      return x;
    case Activation::kRelu:
      return 0 > x ? 0 : x;
    case Activation::kRelu6:
      return 0 > x ? 0 : 6 < x ? 6 : x;
    case Activation::kClamp:
      return activation.min > x ? activation.min : activation.max < x ? activation.max : x;
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kElu:
      return 0 > x ? std::expm1(x) : x;
    case Activation::kSelu:
      return kSeluScale * (0 > x ? kSeluAlpha * std::expm1(x) : x);
    case Activation::kGelu:
      return 0.5f * x * (1 + std::erf(x * 0.70710678118654752f));
    case Activation::kSwish:
      return x / (1 + std::exp(-x));
    case Activation::kSoftplus:
      return x > 20 ? x : std::log1p(std::exp(x));
    case Activation::kHardSigmoid: {
      const float y = 0.2f * x + 0.5f;
      return 0 > y ? 0 : 1 < y ? 1 : y;
    }
    case Activation::kLeakyRelu:
      return 0 > x ? activation.alpha * x : x;
    case Activation::kSoftsign:
      return x / (1 + std::fabs(x));
    case Activation::kMish: {
      // tanh(log(1 + e)) = (e² + 2e) / (e² + 2e + 2) for e = exp(x), and with exp(-x) for x > 0.
      const float e = std::exp(-std::fabs(x)), square = e * e;
      return x * (0 > x ? (square + 2 * e) / (square + 2 * e + 2) : (1 + 2 * e) / (1 + 2 * e + 2 * square));
    }
    case Activation::kGeluTanh:
      // 0.5 · (1 + tanh(u)) is sigmoid(2u).
      return x / (1 + std::exp(-kGeluScale * x * (1 + kGeluCube * x * x)));
    case Activation::kHardSigmoid6: {
      const float y = (1.0f / 6) * x + 0.5f;
      return 0 > y ? 0 : 1 < y ? 1 : y;
    }
    case Activation::kHardSwish: {
      const float y = x + 3;
      return activation.alpha * x * (0 > y ? 0 : 6 < y ? 6 : y);
    }
    case Activation::kThresholdedRelu:
      // A product, so that NaN stays NaN.
      return x * (x > activation.alpha ? 1.0f : 0.0f);
  }
  return x;
}

}  // namespace

void activate_f32__scalar(const ActivationCall& activation, float* data, size_t count) {
  for (size_t i = 0; i < count; ++i) data[i] = activate(activation, data[i]);
}

void softmax_f32__scalar(const float* in, float* out, size_t features, size_t stride, size_t count) {
  for (size_t m = 0; m < count; ++m) {
    float largest = in[m];
    for (size_t f = 1; f < features; ++f)
      largest = in[f * stride + m] > largest ? in[f * stride + m] : largest;
    double sum = 0;
    for (size_t f = 0; f < features; ++f) sum += out[f * stride + m] = std::exp(in[f * stride + m] - largest);
    for (size_t f = 0; f < features; ++f) out[f * stride + m] /= static_cast<float>(sum);
  }
}

void normalize_f32__scalar(const float* in, float* out, size_t features, size_t stride, size_t count,
                           float epsilon) {
  for (size_t m = 0; m < count; ++m) {
    double sum = 0, squares = 0;
    for (size_t f = 0; f < features; ++f) sum += in[f * stride + m];
    const double mean = sum / static_cast<double>(features);
    for (size_t f = 0; f < features; ++f) {
      const double difference = in[f * stride + m] - mean;
      squares += difference * difference;
    }
    const double scale = 1 / std::sqrt(squares / static_cast<double>(features) + epsilon);
    for (size_t f = 0; f < features; ++f)
      out[f * stride + m] = static_cast<float>((in[f * stride + m] - mean) * scale);
  }
}

}  // namespace tfjs_sparse
