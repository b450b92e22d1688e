#pragma once
// Activations over Vec (kernels/vec). Only internal functions: see native code in CONTRIBUTING.md.
#include "kernels/activation/activation.h"

namespace tfjs_sparse {
namespace {

using V = Vec::T;

TFJS_SPARSE_INLINE V clamp(V x, float min, float max) {
  return Vec::min(Vec::set1(max), Vec::max(Vec::set1(min), x));
}

TFJS_SPARSE_INLINE V exp_ps(V x) {
  // Below kLowest the result is taken as 0 (it is under 2.5e-38), above 88.72… it is infinite; NaN passes
  // through.
  constexpr float kLowest = -86.6f;
  const V bounded = clamp(x, kLowest, 88.8f);
  const V n = Vec::round(Vec::mul(bounded, Vec::set1(1.44269504f)));
  V r = Vec::fma(n, Vec::set1(-0.693145752f), bounded);
  r = Vec::fma(n, Vec::set1(-1.42860677e-6f), r);
  V p = Vec::set1(1.0f / 720);
  p = Vec::fma(p, r, Vec::set1(1.0f / 120));
  p = Vec::fma(p, r, Vec::set1(1.0f / 24));
  p = Vec::fma(p, r, Vec::set1(1.0f / 6));
  p = Vec::fma(p, r, Vec::set1(0.5f));
  p = Vec::fma(p, r, Vec::set1(1.0f));
  p = Vec::fma(p, r, Vec::set1(1.0f));
  // 2^n as 2 · 2^(n-1): n reaches 128.
  const V y = Vec::mul(Vec::mul(p, Vec::set1(2.0f)), Vec::pow2(Vec::sub(n, Vec::set1(1.0f))));
  return Vec::select_less(x, Vec::set1(kLowest), Vec::zero(), y);
}

/// exp(x) - 1 for x <= 0.
TFJS_SPARSE_INLINE V expm1_ps(V x) {
  V series = Vec::set1(1.0f / 720);
  series = Vec::fma(series, x, Vec::set1(1.0f / 120));
  series = Vec::fma(series, x, Vec::set1(1.0f / 24));
  series = Vec::fma(series, x, Vec::set1(1.0f / 6));
  series = Vec::fma(series, x, Vec::set1(0.5f));
  series = Vec::fma(series, x, Vec::set1(1.0f));
  series = Vec::mul(series, x);
  return Vec::select_less(Vec::set1(-0.35f), x, series, Vec::sub(exp_ps(x), Vec::set1(1.0f)));
}

TFJS_SPARSE_INLINE V magnitude(V x) { return Vec::max(x, Vec::sub(Vec::zero(), x)); }

TFJS_SPARSE_INLINE V tanh_ps(V x) {
  const V size = magnitude(x), square = Vec::mul(x, x);
  V series = Vec::set1(62.0f / 2835);
  series = Vec::fma(series, square, Vec::set1(-17.0f / 315));
  series = Vec::fma(series, square, Vec::set1(2.0f / 15));
  series = Vec::fma(series, square, Vec::set1(-1.0f / 3));
  series = Vec::fma(Vec::mul(series, square), x, x);
  const V e = exp_ps(Vec::add(clamp(size, 0, 20), clamp(size, 0, 20)));
  const V far = Vec::sub(Vec::set1(1.0f), Vec::div(Vec::set1(2.0f), Vec::add(e, Vec::set1(1.0f))));
  const V signed_far = Vec::select_less(x, Vec::zero(), Vec::sub(Vec::zero(), far), far);
  return Vec::select_less(size, Vec::set1(0.25f), series, signed_far);
}

TFJS_SPARSE_INLINE V sigmoid_ps(V x) {
  return Vec::div(Vec::set1(1.0f), Vec::add(Vec::set1(1.0f), exp_ps(Vec::sub(Vec::zero(), x))));
}

TFJS_SPARSE_INLINE V gelu_ps(V x) {
  const V z = Vec::mul(magnitude(x), Vec::set1(0.70710678f));
  const V t = Vec::div(Vec::set1(1.0f), Vec::fma(z, Vec::set1(0.3275911f), Vec::set1(1.0f)));
  V p = Vec::set1(1.061405429f);
  p = Vec::fma(p, t, Vec::set1(-1.453152027f));
  p = Vec::fma(p, t, Vec::set1(1.421413741f));
  p = Vec::fma(p, t, Vec::set1(-0.284496736f));
  p = Vec::fma(p, t, Vec::set1(0.254829592f));
  const V erfc = Vec::mul(Vec::mul(p, t), exp_ps(Vec::sub(Vec::zero(), Vec::mul(z, z))));
  const V half = Vec::mul(Vec::set1(0.5f), x);
  // 0.5·x·(1 + erf(x/√2)): for x < 0, 1 + erf is erfc.
  return Vec::mul(half, Vec::select_less(x, Vec::zero(), erfc, Vec::sub(Vec::set1(2.0f), erfc)));
}

/// ln(1 + e) for e in [0, 1], e = exp(-|x|): 2·atanh(e / (2 + e)), whose argument is at most 1/3.
TFJS_SPARSE_INLINE V log1p_ps(V e) {
  const V s = Vec::div(e, Vec::add(e, Vec::set1(2.0f))), square = Vec::mul(s, s);
  V p = Vec::set1(1.0f / 13);
  p = Vec::fma(p, square, Vec::set1(1.0f / 11));
  p = Vec::fma(p, square, Vec::set1(1.0f / 9));
  p = Vec::fma(p, square, Vec::set1(1.0f / 7));
  p = Vec::fma(p, square, Vec::set1(1.0f / 5));
  p = Vec::fma(p, square, Vec::set1(1.0f / 3));
  p = Vec::fma(p, square, Vec::set1(1.0f));
  return Vec::mul(Vec::add(s, s), p);
}

TFJS_SPARSE_INLINE V softplus_ps(V x) {
  const V e = exp_ps(Vec::sub(Vec::zero(), magnitude(x)));
  return Vec::add(Vec::max(Vec::zero(), x), log1p_ps(e));
}

/// x · tanh(log(1 + exp(x))): (e² + 2e) / (e² + 2e + 2) for e = exp(x), and with exp(-x) for x > 0.
TFJS_SPARSE_INLINE V mish_ps(V x) {
  const V one = Vec::set1(1.0f), two = Vec::set1(2.0f);
  const V e = exp_ps(Vec::sub(Vec::zero(), magnitude(x))), square = Vec::mul(e, e);
  const V negative = Vec::fma(two, e, square), positive = Vec::fma(two, e, one);
  const V above = Vec::select_less(x, Vec::zero(), negative, positive);
  const V rest = Vec::select_less(x, Vec::zero(), two, Vec::add(square, square));
  return Vec::mul(x, Vec::div(above, Vec::add(above, rest)));
}

/// 0.5 · x · (1 + tanh(u)) = x · sigmoid(2u).
TFJS_SPARSE_INLINE V gelu_tanh_ps(V x) {
  const V cube = Vec::fma(Vec::mul(Vec::set1(kGeluCube), x), x, Vec::set1(1.0f));
  return Vec::mul(x, sigmoid_ps(Vec::mul(Vec::mul(Vec::set1(kGeluScale), x), cube)));
}

template <typename F>
TFJS_SPARSE_INLINE void for_each(float* data, size_t count, F f) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Vec::store(data + i, f(Vec::load(data + i)));
  if (i == count) return;
  float tail[kLanes] = {};
  for (size_t j = 0; j < count - i; ++j) tail[j] = data[i + j];
  Vec::store(tail, f(Vec::load(tail)));
  for (size_t j = 0; j < count - i; ++j) data[i + j] = tail[j];
}

TFJS_SPARSE_INLINE void activate(const ActivationCall& activation, float* data, size_t count) {
  constexpr float kSeluAlpha = 1.6732632423543772f, kSeluScale = 1.0507009873554805f;
  const V zero = Vec::zero();
  switch (activation.type) {
    case Activation::kLinear:
      return;
    case Activation::kRelu:
      return for_each(data, count, [](V x) { return Vec::max(Vec::zero(), x); });
    case Activation::kRelu6:
      return for_each(data, count, [](V x) { return clamp(x, 0, 6); });
    case Activation::kClamp:
      return for_each(data, count, [&](V x) { return clamp(x, activation.min, activation.max); });
    case Activation::kSigmoid:
      return for_each(data, count, sigmoid_ps);
    case Activation::kTanh:
      return for_each(data, count, tanh_ps);
    case Activation::kElu:
      return for_each(data, count, [&](V x) { return Vec::select_less(x, zero, expm1_ps(x), x); });
    case Activation::kSelu:
      return for_each(data, count, [&](V x) {
        const V negative = Vec::mul(Vec::set1(kSeluAlpha), expm1_ps(x));
        return Vec::mul(Vec::set1(kSeluScale), Vec::select_less(x, zero, negative, x));
      });
    case Activation::kGelu:
      return for_each(data, count, gelu_ps);
    case Activation::kSwish:
      return for_each(data, count, [](V x) { return Vec::mul(x, sigmoid_ps(x)); });
    case Activation::kSoftplus:
      return for_each(data, count, softplus_ps);
    case Activation::kHardSigmoid:
      return for_each(data, count,
                      [](V x) { return clamp(Vec::fma(x, Vec::set1(0.2f), Vec::set1(0.5f)), 0, 1); });
    case Activation::kLeakyRelu:
      return for_each(data, count, [&](V x) {
        return Vec::select_less(x, zero, Vec::mul(Vec::set1(activation.alpha), x), x);
      });
    case Activation::kSoftsign:
      return for_each(data, count, [](V x) { return Vec::div(x, Vec::add(Vec::set1(1.0f), magnitude(x))); });
    case Activation::kMish:
      return for_each(data, count, mish_ps);
    case Activation::kGeluTanh:
      return for_each(data, count, gelu_tanh_ps);
    case Activation::kHardSigmoid6:
      return for_each(data, count,
                      [](V x) { return clamp(Vec::fma(x, Vec::set1(1.0f / 6), Vec::set1(0.5f)), 0, 1); });
    case Activation::kHardSwish:
      return for_each(data, count, [&](V x) {
        return Vec::mul(Vec::mul(x, Vec::set1(activation.alpha)), clamp(Vec::add(x, Vec::set1(3.0f)), 0, 6));
      });
    case Activation::kThresholdedRelu:
      // A product, so that NaN stays NaN.
      return for_each(data, count, [&](V x) {
        return Vec::mul(x, Vec::select_less(Vec::set1(activation.alpha), x, Vec::set1(1.0f), zero));
      });
  }
}

/// Sum of value(0), value(1), … in blocks, so that rounding grows with their length and number and not with
/// the product of both: one long sum of 2880 exponentials was off by 1.1e-5.
template <typename Value>
TFJS_SPARSE_INLINE V sum_blocks(size_t features, Value value) {
  constexpr size_t kBlock = 64;
  V sum = Vec::zero();
  for (size_t begin = 0; begin < features; begin += kBlock) {
    const size_t end = begin + kBlock < features ? begin + kBlock : features;
    V part = Vec::zero();
    for (size_t f = begin; f < end; ++f) part = Vec::add(part, value(f));
    sum = Vec::add(sum, part);
  }
  return sum;
}

/// One register of columns. `load` and `store` move it, so that a ragged tail can go through a buffer.
template <typename Load, typename Store>
TFJS_SPARSE_INLINE void softmax_columns(size_t features, Load load, Store store) {
  V largest = load(0);
  for (size_t f = 1; f < features; ++f) largest = Vec::max(load(f), largest);
  const V sum = sum_blocks(features, [&](size_t f) { return exp_ps(Vec::sub(load(f), largest)); });
  for (size_t f = 0; f < features; ++f) store(f, Vec::div(exp_ps(Vec::sub(load(f), largest)), sum));
}

/// One column: lanes run along the features.
TFJS_SPARSE_INLINE void softmax_vector(const float* in, float* out, size_t features) {
  constexpr size_t kLanes = Vec::kLanes;
  float lanes[kLanes], largest = in[0];
  double sum = 0;
  size_t f = 0;
  V most = Vec::set1(in[0]);
  for (; f + kLanes <= features; f += kLanes) most = Vec::max(Vec::load(in + f), most);
  Vec::store(lanes, most);
  for (size_t i = 0; i < kLanes; ++i) largest = lanes[i] > largest ? lanes[i] : largest;
  for (; f < features; ++f) largest = in[f] > largest ? in[f] : largest;
  const auto sum_lanes = [&](V e, size_t count) {
    Vec::store(lanes, e);
    for (size_t i = 0; i < count; ++i) sum += lanes[i];
  };
  for (f = 0; f + kLanes <= features; f += kLanes) {
    const V e = exp_ps(Vec::sub(Vec::load(in + f), Vec::set1(largest)));
    Vec::store(out + f, e);
    sum_lanes(e, kLanes);
  }
  if (f < features) {
    float tail[kLanes] = {};
    for (size_t i = 0; i < features - f; ++i) tail[i] = in[f + i];
    sum_lanes(exp_ps(Vec::sub(Vec::load(tail), Vec::set1(largest))), features - f);
    for (size_t i = 0; i < features - f; ++i) out[f + i] = lanes[i];
  }
  const float total = static_cast<float>(sum);
  for (f = 0; f < features; ++f) out[f] /= total;
}

/// Runs `columns(load, store)` for every register of columns, the ragged tail through a buffer.
template <typename Columns>
TFJS_SPARSE_INLINE void for_each_columns(const float* in, float* out, size_t stride, size_t count,
                                         Columns columns) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t m = 0;
  for (; m + kLanes <= count; m += kLanes)
    columns([&](size_t f) { return Vec::load(in + f * stride + m); },
            [&](size_t f, V y) { Vec::store(out + f * stride + m, y); });
  const size_t rest = count - m;
  if (rest == 0) return;
  columns(
      [&](size_t f) {
        float tail[kLanes] = {};
        for (size_t j = 0; j < rest; ++j) tail[j] = in[f * stride + m + j];
        return Vec::load(tail);
      },
      [&](size_t f, V y) {
        float tail[kLanes];
        Vec::store(tail, y);
        for (size_t j = 0; j < rest; ++j) out[f * stride + m + j] = tail[j];
      });
}

TFJS_SPARSE_INLINE void softmax(const float* in, float* out, size_t features, size_t stride, size_t count) {
  if (count == 1 && stride == 1) return softmax_vector(in, out, features);
  for_each_columns(in, out, stride, count,
                   [&](auto load, auto store) { softmax_columns(features, load, store); });
}

/// One column: lanes run along the features.
TFJS_SPARSE_INLINE void normalize_vector(const float* in, float* out, size_t features, float epsilon) {
  constexpr size_t kLanes = Vec::kLanes;
  // Calls use(f, lanes, how many of them count) for every register of features.
  const auto for_each_register = [&](auto use) {
    size_t f = 0;
    for (; f + kLanes <= features; f += kLanes) use(f, Vec::load(in + f), kLanes);
    if (f == features) return;
    float tail[kLanes] = {};
    for (size_t i = 0; i < features - f; ++i) tail[i] = in[f + i];
    use(f, Vec::load(tail), features - f);
  };
  float lanes[kLanes];
  double sum = 0, squares = 0;
  for_each_register([&](size_t, V x, size_t count) {
    Vec::store(lanes, x);
    for (size_t i = 0; i < count; ++i) sum += lanes[i];
  });
  const V mean = Vec::set1(static_cast<float>(sum / static_cast<double>(features)));
  for_each_register([&](size_t, V x, size_t count) {
    const V difference = Vec::sub(x, mean);
    Vec::store(lanes, Vec::mul(difference, difference));
    for (size_t i = 0; i < count; ++i) squares += lanes[i];
  });
  const V variance = Vec::set1(static_cast<float>(squares / static_cast<double>(features) + epsilon));
  const V scale = Vec::div(Vec::set1(1.0f), Vec::sqrt(variance));
  for_each_register([&](size_t f, V x, size_t count) {
    const V y = Vec::mul(Vec::sub(x, mean), scale);
    if (count == kLanes) return Vec::store(out + f, y);
    Vec::store(lanes, y);
    for (size_t i = 0; i < count; ++i) out[f + i] = lanes[i];
  });
}

TFJS_SPARSE_INLINE void normalize(const float* in, float* out, size_t features, size_t stride, size_t count,
                                  float epsilon) {
  if (count == 1 && stride == 1) return normalize_vector(in, out, features, epsilon);
  const V share = Vec::set1(1.0f / static_cast<float>(features));
  for_each_columns(in, out, stride, count, [&](auto load, auto store) {
    const V mean = Vec::mul(sum_blocks(features, load), share);
    const V squares = sum_blocks(features, [&](size_t f) {
      const V difference = Vec::sub(load(f), mean);
      return Vec::mul(difference, difference);
    });
    const V deviation = Vec::sqrt(Vec::fma(squares, share, Vec::set1(epsilon)));
    const V scale = Vec::div(Vec::set1(1.0f), deviation);
    for (size_t f = 0; f < features; ++f) store(f, Vec::mul(Vec::sub(load(f), mean), scale));
  });
}

}  // namespace
}  // namespace tfjs_sparse
