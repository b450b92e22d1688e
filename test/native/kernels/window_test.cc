#include "kernels/window/window.h"

#include <algorithm>

#include "numbers.h"

namespace tfjs_sparse {
namespace {

using namespace test;

/// Calls visit(tap, index into the input) for the taps of one output that are not padding.
template <typename Visit>
void for_each_tap(const WindowShape& s, size_t y, size_t x, size_t b, Visit visit) {
  for (size_t tap = 0; tap < s.kernel_height * s.kernel_width; ++tap) {
    const long row = long(y * s.stride_y + tap / s.kernel_width * s.dilation_y) - long(s.pad_top);
    const long column = long(x * s.stride_x + tap % s.kernel_width * s.dilation_x) - long(s.pad_left);
    if (row >= 0 && column >= 0 && row < long(s.in_height) && column < long(s.in_width))
      visit(tap, (size_t(row) * s.in_width + size_t(column)) * s.batch + b);
  }
}

std::string text(const WindowShape& s) {
  std::string out;
  for (const size_t size :
       {s.in_height, s.in_width, s.out_height, s.out_width, s.kernel_height, s.kernel_width, s.stride_y,
        s.stride_x, s.dilation_y, s.dilation_x, s.pad_top, s.pad_left, s.batch})
    out += std::to_string(size) + " ";
  return out;
}

void check_all(Isa isa, const WindowShape& s, const std::vector<float>& input,
               const std::vector<float>& weights, float min, float max) {
  const WindowKernel& kernel = choose_window(isa);
  ASSERT_EQ(kernel.isa, isa);
  const size_t outputs = s.out_height * s.out_width * s.batch;
  const Exact in(input, 1);
  Guarded depthwise(outputs, 1), largest(outputs, 2), mean(outputs, 3), line(s.in_width * s.batch, 1);
  kernel.depthwise(s, in.data(), weights.data(), 0.5f, min, max, depthwise.data());
  kernel.max_pool(s, in.data(), line.data(), largest.data());
  kernel.avg_pool(s, in.data(), line.data(), mean.data());
  EXPECT_TRUE(depthwise.intact() && largest.intact() && mean.intact() && line.intact()) << text(s);
  for (size_t y = 0, i = 0; y < s.out_height; ++y)
    for (size_t x = 0; x < s.out_width; ++x)
      for (size_t b = 0; b < s.batch; ++b, ++i) {
        Sum sum({0.5, 0}), plain;
        float greatest = -kInfinity;
        size_t count = 0;
        for_each_tap(s, y, x, b, [&](size_t tap, size_t at) {
          if (weights[tap] != 0) sum.add(weights[tap], {in[at], 0});
          plain.add(1, {in[at], 0});
          if (in[at] > greatest) greatest = in[at];
          ++count;
        });
        const Number total = plain.result();
        const Number average{total.value / double(count), 2 * total.bound / double(count)};
        ASSERT_TRUE(close(depthwise[i], sum.clamped(min, max))) << isa_name(isa) << " " << text(s);
        ASSERT_EQ(largest[i], greatest) << isa_name(isa) << " " << text(s);
        ASSERT_TRUE(close(mean[i], average)) << isa_name(isa) << " " << text(s);
      }
}

/// A window over an input, with all outputs that fit and padding of at most one window's reach.
WindowShape random_shape(std::mt19937_64* random) {
  const auto one_of = [&](std::initializer_list<size_t> sizes) {
    return sizes.begin()[(*random)() % sizes.size()];
  };
  for (;;) {
    WindowShape s{};
    s.in_height = one_of({1, 2, 3, 5, 8, 14});
    s.in_width = one_of({1, 2, 3, 7, 8, 9, 20});
    s.kernel_height = one_of({1, 2, 3, 5});
    s.kernel_width = one_of({1, 2, 3, 5});
    s.stride_y = one_of({1, 1, 2, 3});
    s.stride_x = one_of({1, 1, 2, 3});
    s.dilation_y = one_of({1, 1, 2});
    s.dilation_x = one_of({1, 1, 2, 3});
    const size_t reach_y = (s.kernel_height - 1) * s.dilation_y + 1,
                 reach_x = (s.kernel_width - 1) * s.dilation_x + 1;
    s.pad_top = (*random)() % reach_y;
    s.pad_left = (*random)() % reach_x;
    const size_t bottom = (*random)() % reach_y, right = (*random)() % reach_x;
    s.batch = one_of({1, 1, 2, 3, 7, 8, 9, 15, 16, 17, 33});
    if (s.in_height + s.pad_top + bottom < reach_y || s.in_width + s.pad_left + right < reach_x) continue;
    s.out_height = (s.in_height + s.pad_top + bottom - reach_y) / s.stride_y + 1;
    s.out_width = (s.in_width + s.pad_left + right - reach_x) / s.stride_x + 1;
    return s;
  }
}

TEST(Windows, agree_with_their_definition_on_random_shapes) {
  std::mt19937_64 random(seed());
  for (int i = 0; i < 400; ++i) {
    const WindowShape s = random_shape(&random);
    const std::vector<float> in = normal(s.in_height * s.in_width * s.batch, uint64_t(i));
    const std::vector<float> weights = sparse(s.kernel_height, s.kernel_width, 0.7, uint64_t(i));
    for (const Isa isa : isas_to_test())
      check_all(isa, s, in, weights, i % 2 ? -kInfinity : 0, i % 3 ? kInfinity : 1);
    if (HasFatalFailure()) return;
  }
}

TEST(Windows, literal) {
  // 2×3 input, 2×2 window, stride 1, a column of padding on the left.
  const WindowShape s{2, 3, 1, 3, 2, 2, 1, 1, 1, 1, 0, 1, 1};
  const std::vector<float> in = {1, 2, 3, -4, 5, -6}, weights = {1, 10, 100, 1000};
  for (const Isa isa : isas_to_test()) {
    const WindowKernel& kernel = choose_window(isa);
    std::vector<float> line(3), out(3);
    kernel.depthwise(s, in.data(), weights.data(), 7, -kInfinity, kInfinity, out.data());
    EXPECT_EQ(out, (std::vector<float>{7 + 10 - 4000, 7 + 1 + 20 - 400 + 5000, 7 + 2 + 30 + 500 - 6000}));
    kernel.max_pool(s, in.data(), line.data(), out.data());
    EXPECT_EQ(out, (std::vector<float>{1, 5, 5}));
    kernel.avg_pool(s, in.data(), line.data(), out.data());
    EXPECT_EQ(out, (std::vector<float>{-1.5f, 1, 1}));  // the first has two elements that are not padding
  }
}

TEST(Windows, pad_exactly_as_same_padding_does) {
  // 5×5, kernel 3, stride 2, one padded row and column on each side.
  const WindowShape s{5, 5, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1, 4};
  for (const Isa isa : isas_to_test()) check_all(isa, s, normal(100, 1), normal(9, 2), -kInfinity, kInfinity);
}

TEST(Depthwise, nan_in_meets_only_pruned_taps) {
  // One tap of three is kept: what the other two see does not matter.
  const WindowShape s{1, 20, 1, 18, 1, 3, 1, 1, 1, 1, 0, 0, 1};
  for (const Isa isa : isas_to_test())
    for (const float bad : {kNan, kInfinity}) {
      std::vector<float> in(20, 2.0f), out(18);
      in[9] = bad;
      const std::vector<float> weights = {0, 3, 0};
      choose_window(isa).depthwise(s, in.data(), weights.data(), 1, -kInfinity, kInfinity, out.data());
      for (size_t x = 0; x < 18; ++x)
        if (x == 8)
          EXPECT_FALSE(std::isfinite(out[x]));
        else
          EXPECT_EQ(out[x], 7);
    }
}

TEST(MaxPool, passes_over_nan_wherever_it_stands) {
  // As TensorFlow.js does on the CPU; a window of nothing but NaN is -infinity.
  const std::vector<float> values = {7, 1, 2, 3, 4, 5, 6, 0, -1};
  for (const size_t batch : {1, 8, 17}) {
    const WindowShape s{3, 3, 1, 1, 3, 3, 1, 1, 1, 1, 0, 0, batch};
    for (const Isa isa : isas_to_test())
      for (size_t at = 0; at < 9; ++at) {
        std::vector<float> in, line(3 * batch), out(batch);
        for (size_t i = 0; i < 9; ++i) in.insert(in.end(), batch, i == at ? kNan : values[i]);
        choose_window(isa).max_pool(s, in.data(), line.data(), out.data());
        EXPECT_EQ(out, std::vector<float>(batch, at == 0 ? 6.0f : 7.0f)) << isa_name(isa) << " " << at;
        std::fill(in.begin(), in.end(), kNan);
        choose_window(isa).max_pool(s, in.data(), line.data(), out.data());
        EXPECT_EQ(out, std::vector<float>(batch, -kInfinity)) << isa_name(isa);
      }
  }
}

TEST(MaxPool, passes_over_nan_in_pairs) {
  // Windows of two by two, stride two, one picture: lanes are separated in registers there.
  const WindowShape s{2, 50, 1, 25, 2, 2, 2, 2, 1, 1, 0, 0, 1};
  for (const Isa isa : isas_to_test())
    for (const size_t at : {0, 1, 50, 51}) {
      std::vector<float> in = normal(100, at), line(50), out(25);
      for (size_t x = 0; x < 25; ++x) in[at + 2 * x] = kNan;
      choose_window(isa).max_pool(s, in.data(), line.data(), out.data());
      for (size_t x = 0; x < 25; ++x) {
        float want = -kInfinity;
        for (const size_t i : {2 * x, 2 * x + 1, 50 + 2 * x, 51 + 2 * x})
          if (in[i] > want) want = in[i];
        EXPECT_EQ(out[x], want) << isa_name(isa) << " " << at << ", column " << x;
      }
    }
}

TEST(Windows, of_pairs_in_every_width) {
  for (const Isa isa : isas_to_test())
    for (size_t width = 2; width <= 70; ++width)
      for (const size_t height : {2, 3}) {
        const WindowShape s{height, width, height - 1, width / 2, 2, 2, 1, 2, 1, 1, 0, 0, 1};
        check_all(isa, s, normal(height * width, width), normal(4, 2), -kInfinity, kInfinity);
      }
}

TEST(AvgPool, nan_in_spoils_the_windows_that_see_it) {
  const WindowShape s{1, 9, 1, 8, 1, 2, 1, 1, 1, 1, 0, 0, 2};
  for (const Isa isa : isas_to_test()) {
    std::vector<float> in(18, 1.0f), line(18), out(16);
    in[2 * 4] = kNan;
    choose_window(isa).avg_pool(s, in.data(), line.data(), out.data());
    for (size_t i = 0; i < 16; ++i) EXPECT_EQ(std::isnan(out[i]), i == 2 * 3 || i == 2 * 4) << i;
  }
}

}  // namespace
}  // namespace tfjs_sparse
