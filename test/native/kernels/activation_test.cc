#include "kernels/activation/activation.h"

#include <algorithm>
#include <functional>

#include "numbers.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
/// exp is 0 below -86.6 in the vector kernels: what is lost there.
constexpr double kFlushed = 3e-38;

/// The function in double precision and the error that a kernel may have: `relative` of the result, and
/// `absolute` which may depend on x.
struct Defined {
  Activation type;
  std::function<double(double)> value;
  double relative;
  std::function<double(double)> absolute;
};

constexpr float kAlpha = 0.3f, kMin = -0.75f, kMax = 1.25f;

std::vector<Defined> definitions() {
  constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
  constexpr double kSeluScale = 1.0507009873554804934193349852946;
  const auto none = [](double) { return 0.0; };
  const auto flushed = [](double) { return kFlushed; };
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const auto twice_u = [](double x) { return double(kGeluScale) * x * (1 + double(kGeluCube) * x * x); };
  const auto gelu_tanh = [=](double x) { return x < -700 ? -0.0 : x * sigmoid(twice_u(x)); };
  return {
      {Activation::kLinear, [](double x) { return x; }, 0, none},
      {Activation::kRelu, [](double x) { return x < 0 ? 0 : x; }, 0, none},
      {Activation::kRelu6, [](double x) { return x < 0   ? 0
                                                 : x > 6 ? 6
                                                         : x; }, 0, none},
      {Activation::kClamp, [](double x) { return x < kMin   ? kMin
                                                 : x > kMax ? kMax
                                                            : x; }, 0, none},
      {Activation::kSigmoid, sigmoid, 1e-6, flushed},
      {Activation::kTanh, [](double x) { return std::tanh(x); }, 1e-6, none},
      {Activation::kElu, [](double x) { return x < 0 ? std::expm1(x) : x; }, 1.5e-6, none},
      {Activation::kSelu, [](double x) { return kSeluScale * (x < 0 ? kSeluAlpha * std::expm1(x) : x); },
       1.5e-6, none},
      // erf is right within 1.5e-7, and 1 + erf rounds to a multiple of epsilon / 2.
      {Activation::kGelu, [](double x) { return 0.5 * x * std::erfc(-x * 0.70710678118654752440); }, 1e-6,
       [](double x) { return std::fabs(x) < 20 ? 0.5 * std::fabs(x) * (1.5e-7 + kEpsilon) : 0; }},
      {Activation::kSwish, [=](double x) { return x < -700 ? -0.0 : x * sigmoid(x); }, 1e-6,
       [](double x) { return std::fabs(x) < 120 ? 120 * kFlushed : 0; }},
      {Activation::kSoftplus, [](double x) { return x > 40 ? x : std::log1p(std::exp(x)); }, 1e-6, flushed},
      {Activation::kHardSigmoid,
       [](double x) { return std::min(1.0, std::max(0.0, double(0.2f) * x + 0.5)); }, 0,
       [](double) { return 2 * kEpsilon; }},
      {Activation::kLeakyRelu, [](double x) { return x < 0 ? double(kAlpha) * x : x; }, kEpsilon, none},
      {Activation::kSoftsign, [](double x) { return x / (1 + std::fabs(x)); }, 2 * kEpsilon, none},
      {Activation::kMish,
       [](double x) { return x > 40     ? x
                             : x < -700 ? -0.0
                                        : x * std::tanh(std::log1p(std::exp(x))); }, 1.5e-6,
       [](double x) { return std::fabs(x) < 120 ? 120 * kFlushed : 0; }},
      // exp(-2u) is off by |2u| · epsilon or so.
      {Activation::kGeluTanh, gelu_tanh, 1.5e-6,
       [=](double x) {
         return std::fabs(x) > 30 ? 0 : 6 * kEpsilon * std::fabs(gelu_tanh(x) * twice_u(x)) + 120 * kFlushed;
       }},
      {Activation::kHardSigmoid6, [](double x) { return std::min(1.0, std::max(0.0, x / 6 + 0.5)); }, 0,
       [](double) { return 2 * kEpsilon; }},
      {Activation::kHardSwish,
       [](double x) { return double(kAlpha) * x * std::min(6.0, std::max(0.0, x + 3)); }, 3 * kEpsilon,
       [](double) { return kFlushed; }},
      {Activation::kThresholdedRelu, [](double x) { return x > kAlpha ? x : 0; }, 0, none},
  };
}

ActivationCall call_of(Activation type) { return {type, kAlpha, kMin, kMax}; }

/// Every power of two with both signs, denormals among them, and [-100, 100] in steps of 1/256.
std::vector<float> sweep() {
  std::vector<float> values = {0.0f, -0.0f, 88, -88, 88.8f, -88.8f, -86.6f, 1e30f, -1e30f, 3.4e38f, -3.4e38f};
  for (uint32_t exponent = 0; exponent < 255; ++exponent)
    for (uint32_t part = 0; part < 16; ++part)
      for (const uint32_t sign : {0u, 0x80000000u}) {
        const uint32_t bits = sign | exponent << 23 | part * 0x7ffffu;
        float value;
        std::memcpy(&value, &bits, sizeof(value));
        values.push_back(value);
      }
  for (int i = -25600; i <= 25600; ++i) values.push_back(float(i) / 256);
  return values;
}

TEST(Activations, agree_with_their_definition_over_all_magnitudes) {
  const std::vector<float> xs = sweep();
  for (const Isa isa : isas_to_test()) {
    const ActivationKernel& kernel = choose_activation(isa);
    ASSERT_EQ(kernel.isa, isa);
    for (const Defined& defined : definitions()) {
      std::vector<float> y = xs;
      kernel.activate(call_of(defined.type), y.data(), y.size());
      for (size_t i = 0; i < xs.size(); ++i) {
        const double want = defined.value(xs[i]);
        const double bound = defined.relative * std::fabs(want) + defined.absolute(xs[i]) +
                             (defined.relative > 0 ? std::numeric_limits<float>::denorm_min() : 0);
        ASSERT_TRUE(close(y[i], {want, bound}))
            << kernel.name << ", activation " << int(defined.type) << " of " << xs[i];
      }
    }
  }
}

TEST(Activations, cover_the_whole_table) { EXPECT_EQ(definitions().size(), size_t{kActivationCount}); }

TEST(Activations, pass_nan_through_and_stand_infinities) {
  for (const Isa isa : isas_to_test())
    for (const Defined& defined : definitions()) {
      std::vector<float> y = {kNan, kInfinity, 1, -kInfinity, kNan};
      choose_activation(isa).activate(call_of(defined.type), y.data(), y.size());
      const std::string what =
          std::string(isa_name(isa)) + ", activation " + std::to_string(int(defined.type));
      EXPECT_TRUE(std::isnan(y[0])) << what;
      EXPECT_TRUE(std::isnan(y[4])) << what;
      // infinity / infinity, as in TensorFlow.js.
      const bool is_quotient = defined.type == Activation::kSoftsign;
      if (is_quotient)
        EXPECT_TRUE(std::isnan(y[1])) << what;
      else
        EXPECT_EQ(y[1], float(defined.value(double(kInfinity)))) << what;
      // x · sigmoid(x) and the like are -infinity · 0 there, as in TensorFlow.js.
      const bool is_product = defined.type == Activation::kSwish || defined.type == Activation::kGelu ||
                              defined.type == Activation::kMish || defined.type == Activation::kGeluTanh ||
                              defined.type == Activation::kThresholdedRelu;
      if (is_quotient || is_product)
        EXPECT_TRUE(std::isnan(y[3])) << what;
      else
        EXPECT_TRUE(close(y[3], {defined.value(-double(kInfinity)), 1e-6})) << what;
    }
}

TEST(Activations, write_nothing_outside) {
  for (const Isa isa : isas_to_test())
    for (const Defined& defined : definitions())
      for (size_t count = 0; count <= 40; ++count) {
        const std::vector<float> x = normal(count, count);
        Guarded y(x, count % 16);
        choose_activation(isa).activate(call_of(defined.type), y.data(), count);
        ASSERT_TRUE(y.intact());
        for (size_t i = 0; i < count; ++i)
          ASSERT_TRUE(close(y[i], {defined.value(x[i]), 1e-6}))
              << isa_name(isa) << " " << i << " of " << count;
      }
}

TEST(ActivationClamp, holds_for_the_activations_that_are_one) {
  const auto bounds = [](Activation type) {
    float min = 9, max = 9;
    EXPECT_TRUE(activation_clamp(call_of(type), &min, &max));
    return std::pair<float, float>(min, max);
  };
  EXPECT_EQ(bounds(Activation::kLinear), std::make_pair(-kInfinity, kInfinity));
  EXPECT_EQ(bounds(Activation::kRelu), std::make_pair(0.0f, kInfinity));
  EXPECT_EQ(bounds(Activation::kRelu6), std::make_pair(0.0f, 6.0f));
  EXPECT_EQ(bounds(Activation::kClamp), std::make_pair(kMin, kMax));
  // The others leave the sum as it is, for the pass after it.
  for (int i = 0; i < kActivationCount; ++i) {
    float min = 9, max = 9;
    if (activation_clamp(call_of(static_cast<Activation>(i)), &min, &max)) continue;
    EXPECT_EQ(min, -kInfinity);
    EXPECT_EQ(max, kInfinity);
    EXPECT_GT(i, 3);
  }
}

/// Softmax of every column in double precision; a difference d to the largest is rounded, which is a relative
/// error of d · epsilon.
void check_softmax(Isa isa, const std::vector<float>& in, size_t features, size_t stride, size_t count) {
  Guarded out(features * stride);
  choose_activation(isa).softmax(in.data(), out.data(), features, stride, count);
  EXPECT_TRUE(out.intact());
  for (size_t m = 0; m < stride; ++m) {
    double largest = -kInfinity, sum = 0;
    for (size_t f = 0; f < features; ++f) largest = std::max(largest, double(in[f * stride + m]));
    for (size_t f = 0; f < features; ++f) sum += std::exp(in[f * stride + m] - largest);
    for (size_t f = 0; f < features; ++f) {
      const double difference = largest - in[f * stride + m], want = std::exp(-difference) / sum;
      const double bound =
          want * (2e-6 + (std::min(difference, 200.0) + double(features)) * kEpsilon) + kFlushed;
      if (m >= count)
        ASSERT_TRUE(out.untouched(f * stride + m));
      else
        ASSERT_TRUE(close(out[f * stride + m], {want, bound})) << isa_name(isa) << " " << f << ", " << m;
    }
  }
}

TEST(Softmax, agrees_with_its_definition) {
  for (const Isa isa : isas_to_test())
    for (const size_t features : {1, 2, 3, 10, 300})
      for (const size_t count : {1, 7, 8, 9, 15, 16, 17, 33})
        check_softmax(isa, normal(features * (count + 3), features + count), features, count + 3, count);
}

TEST(Softmax, of_one_vector_agrees_with_its_definition) {
  // Lanes run along the features there.
  for (const Isa isa : isas_to_test())
    for (size_t features = 1; features <= 70; ++features) {
      std::vector<float> in = normal(features, features);
      check_softmax(isa, in, features, 1, 1);
      for (float& v : in) v = 1e4f * v - 5e4f;
      check_softmax(isa, in, features, 1, 1);
      in[features / 2] = kNan;
      std::vector<float> out(features);
      choose_activation(isa).softmax(in.data(), out.data(), features, 1, 1);
      for (const float y : out) ASSERT_TRUE(std::isnan(y)) << isa_name(isa) << " " << features;
    }
}

TEST(Softmax, stands_large_values_and_infinities) {
  for (const Isa isa : isas_to_test())
    for (const float scale : {30.0f, 1e4f, 1e30f, 3e38f / 5}) {
      std::vector<float> in = normal(10 * 17, 3);
      for (float& v : in) v *= scale;
      in[5] = -kInfinity;
      in[17 + 4] = -3.4e38f;
      check_softmax(isa, in, 10, 17, 17);
    }
}

TEST(Softmax, of_one_feature_is_one) {
  for (const Isa isa : isas_to_test()) {
    std::vector<float> out(19, 7.0f), in = normal(19, 2);
    choose_activation(isa).softmax(in.data(), out.data(), 1, 19, 19);
    EXPECT_EQ(out, std::vector<float>(19, 1.0f));
  }
}

TEST(Softmax, nan_in_spoils_its_own_column_only) {
  for (const Isa isa : isas_to_test())
    for (const size_t at : {0, 1, 4}) {
      std::vector<float> in = normal(5 * 18, 2), out(in.size());
      for (const size_t column : {3, 17}) in[at * 18 + column] = kNan;
      choose_activation(isa).softmax(in.data(), out.data(), 5, 18, 18);
      for (size_t f = 0; f < 5; ++f)
        for (size_t m = 0; m < 18; ++m) EXPECT_EQ(std::isnan(out[f * 18 + m]), m == 3 || m == 17);
    }
}

/// Every column in double precision; rounding of the values' common part is what may be off.
void check_normalize(Isa isa, const std::vector<float>& in, size_t features, size_t stride, size_t count,
                     float epsilon) {
  Guarded out(features * stride);
  choose_activation(isa).normalize(in.data(), out.data(), features, stride, count, epsilon);
  EXPECT_TRUE(out.intact());
  for (size_t m = 0; m < stride; ++m) {
    double sum = 0, squares = 0, largest = 0;
    for (size_t f = 0; f < features; ++f) {
      sum += in[f * stride + m];
      largest = std::max(largest, std::fabs(double(in[f * stride + m])));
    }
    const double mean = sum / double(features);
    for (size_t f = 0; f < features; ++f) squares += std::pow(in[f * stride + m] - mean, 2);
    const double scale = 1 / std::sqrt(squares / double(features) + epsilon);
    for (size_t f = 0; f < features; ++f) {
      const double want = (in[f * stride + m] - mean) * scale;
      // The mean carries the rounding of its sum, which the scale multiplies.
      const double bound = 16 * kEpsilon * (std::fabs(want) + largest * scale);
      if (m >= count)
        ASSERT_TRUE(out.untouched(f * stride + m));
      else
        ASSERT_TRUE(close(out[f * stride + m], {want, bound})) << isa_name(isa) << " " << f << ", " << m;
    }
  }
}

TEST(Normalize, agrees_with_its_definition) {
  for (const Isa isa : isas_to_test())
    for (const size_t features : {1, 2, 3, 10, 300})
      for (const size_t count : {1, 7, 8, 9, 15, 16, 17, 33})
        check_normalize(isa, normal(features * (count + 3), features + count), features, count + 3, count,
                        1e-3f);
}

TEST(Normalize, of_one_vector_agrees_with_its_definition) {
  // Lanes run along the features there.
  for (const Isa isa : isas_to_test())
    for (size_t features = 1; features <= 70; ++features) {
      std::vector<float> in = normal(features, features);
      check_normalize(isa, in, features, 1, 1, 1e-5f);
      for (float& v : in) v = 100 + 3 * v;
      check_normalize(isa, in, features, 1, 1, 1e-5f);
    }
}

TEST(Normalize, of_equal_features_is_zero) {
  for (const Isa isa : isas_to_test()) {
    std::vector<float> in(5 * 19, 3.0f), out(in.size(), 7.0f);
    choose_activation(isa).normalize(in.data(), out.data(), 5, 19, 19, 1e-3f);
    EXPECT_EQ(out, std::vector<float>(in.size(), 0.0f));
  }
}

TEST(Normalize, nan_in_spoils_its_own_column_only) {
  for (const Isa isa : isas_to_test()) {
    std::vector<float> in = normal(5 * 18, 2), out(in.size());
    for (const size_t column : {3, 17}) in[18 + column] = kNan;
    choose_activation(isa).normalize(in.data(), out.data(), 5, 18, 18, 1e-3f);
    for (size_t f = 0; f < 5; ++f)
      for (size_t m = 0; m < 18; ++m) EXPECT_EQ(std::isnan(out[f * 18 + m]), m == 3 || m == 17);
  }
}

}  // namespace
}  // namespace tfjs_sparse
