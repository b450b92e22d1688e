#include "kernels/depthwise/depthwise.h"

#include <algorithm>

#include "numbers.h"
#include "windows.h"

namespace tfjs_sparse {
namespace {

using namespace test;

std::vector<float> run(Isa isa, const WindowShape& s, const std::vector<float>& input,
                       const std::vector<float>& weights, float bias, float min, float max) {
  const DepthwiseKernel& kernel = choose_depthwise(isa);
  EXPECT_EQ(kernel.isa, isa);
  const size_t outputs = s.out_height * s.out_width * s.batch;
  const Exact in(input, 1), taps(weights, 1);
  Guarded out(outputs, 1), scratch(depthwise_scratch_floats(s), 1);
  kernel.function(s, in.data(), taps.data(), bias, min, max, scratch.data(), out.data());
  EXPECT_TRUE(out.intact() && scratch.intact()) << isa_name(isa) << " " << text(s);
  std::vector<float> values(outputs);
  for (size_t i = 0; i < outputs; ++i) values[i] = out[i];
  return values;
}

void check(Isa isa, const WindowShape& s, const std::vector<float>& in, const std::vector<float>& weights,
           float min, float max) {
  const std::vector<float> out = run(isa, s, in, weights, 0.5f, min, max);
  for (size_t y = 0, i = 0; y < s.out_height; ++y)
    for (size_t x = 0; x < s.out_width; ++x)
      for (size_t b = 0; b < s.batch; ++b, ++i) {
        Sum sum({0.5, 0});
        for_each_tap(s, y, x, b, [&](size_t tap, size_t at) {
          if (weights[tap] != 0) sum.add(weights[tap], {in[at], 0});
        });
        ASSERT_TRUE(close(out[i], sum.clamped(min, max))) << isa_name(isa) << " " << text(s) << i;
      }
}

TEST(Depthwise, agrees_with_its_definition_on_random_shapes) {
  std::mt19937_64 random(seed());
  for (int i = 0; i < 400; ++i) {
    const WindowShape s = random_shape(&random);
    const std::vector<float> in = normal(s.in_height * s.in_width * s.batch, uint64_t(i));
    // Every other one has pruned taps, which are left out one by one.
    const std::vector<float> weights = sparse(s.kernel_height, s.kernel_width, i % 2 ? 1 : 0.7, uint64_t(i));
    for (const Isa isa : isas_to_test())
      check(isa, s, in, weights, i % 4 < 2 ? -kInfinity : 0, i % 3 ? kInfinity : 1);
    if (HasFatalFailure()) return;
  }
}

/// `same` padding, as TensorFlow lays it.
WindowShape same_window(size_t height, size_t width, size_t kernel, size_t stride, size_t batch) {
  const size_t out_height = (height + stride - 1) / stride, out_width = (width + stride - 1) / stride;
  const auto before = [&](size_t in, size_t out) {
    const size_t needed = (out - 1) * stride + kernel;
    return needed > in ? (needed - in) / 2 : 0;
  };
  return {height,
          width,
          out_height,
          out_width,
          kernel,
          kernel,
          stride,
          stride,
          1,
          1,
          before(height, out_height),
          before(width, out_width),
          batch};
}

TEST(Depthwise, of_every_width_with_same_padding) {
  for (const size_t kernel : {3, 5})
    for (const size_t stride : {1, 2})
      for (size_t width = 1; width <= 40; ++width) {
        const WindowShape s = same_window(width % 11 + 1, width, kernel, stride, 1);
        for (const Isa isa : isas_to_test())
          check(isa, s, normal(s.in_height * width, width), normal(kernel * kernel, 2), -kInfinity,
                kInfinity);
        if (HasFatalFailure()) return;
      }
}

TEST(Depthwise, of_more_rows_than_one_strip) {
  for (const size_t stride : {1, 2}) {
    const WindowShape s = same_window(150, 120, 5, stride, 1);
    ASSERT_LT(depthwise_strip_rows(s), s.out_height);
    for (const Isa isa : isas_to_test()) check(isa, s, normal(150 * 120, 1), normal(25, 2), 0, 6);
  }
}

TEST(Depthwise, literal) {
  // 2×3 input, 2×2 window, stride 1, a column of padding on the left.
  const WindowShape s{2, 3, 1, 3, 2, 2, 1, 1, 1, 1, 0, 1, 1};
  for (const Isa isa : isas_to_test())
    EXPECT_EQ(run(isa, s, {1, 2, 3, -4, 5, -6}, {1, 10, 100, 1000}, 7, -kInfinity, kInfinity),
              (std::vector<float>{7 + 10 - 4000, 7 + 1 + 20 - 400 + 5000, 7 + 2 + 30 + 500 - 6000}));
}

TEST(Depthwise, nan_in_meets_only_pruned_taps) {
  // One tap of three is kept: what the other two see does not matter.
  for (const size_t height : {1, 3})
    for (const Isa isa : isas_to_test())
      for (const float bad : {kNan, kInfinity}) {
        const WindowShape s{height, 20, 1, 18, height, 3, 1, 1, 1, 1, 0, 0, 1};
        std::vector<float> in(20 * height, 2.0f), weights(3 * height, 0.0f);
        in[9] = bad;
        weights[1] = 3;
        const std::vector<float> out = run(isa, s, in, weights, 1, -kInfinity, kInfinity);
        for (size_t x = 0; x < 18; ++x)
          if (x == 8)
            EXPECT_FALSE(std::isfinite(out[x]));
          else
            EXPECT_EQ(out[x], 7);
      }
}

TEST(Depthwise, rows_have_the_same_bits_wherever_they_stand) {
  // Tiles of four, two and one rows, of two and one registers: the order of a sum is that of its taps.
  const WindowShape s = same_window(7, 27, 3, 1, 1);
  std::vector<float> row = normal(27, 3), in;
  for (size_t y = 0; y < 7; ++y) in.insert(in.end(), row.begin(), row.end());
  for (const Isa isa : isas_to_test()) {
    const std::vector<float> out = run(isa, s, in, normal(9, 4), 0.5f, -kInfinity, kInfinity);
    for (size_t i = 2 * 27; i < 6 * 27; ++i) EXPECT_EQ(out[i], out[i - 27]) << isa_name(isa) << " " << i;
  }
}

TEST(Depthwise, windows_of_absurd_reach_are_not_staged) {
  WindowShape s = same_window(8, 8, 3, 1, 1);
  EXPECT_TRUE(depthwise_is_staged(s));
  s.dilation_y = size_t{1} << 20;
  EXPECT_FALSE(depthwise_is_staged(s));
  EXPECT_EQ(depthwise_scratch_floats(s), 0u);
  s.dilation_y = 1;
  s.batch = 0x7fffffff;
  s.out_width = s.in_width = size_t{1} << 20;
  EXPECT_GE(depthwise_scratch_floats(s), size_t{1} << 50);
}

}  // namespace
}  // namespace tfjs_sparse
