#include "kernels/window/window.h"

#include <algorithm>

#include "numbers.h"
#include "windows.h"

namespace tfjs_sparse {
namespace {

using namespace test;

void check_all(Isa isa, const WindowShape& s, const std::vector<float>& input) {
  const WindowKernel& kernel = choose_window(isa);
  ASSERT_EQ(kernel.isa, isa);
  const size_t outputs = s.out_height * s.out_width * s.batch;
  const Exact in(input, 1);
  Guarded largest(outputs, 2), mean(outputs, 3), line(s.in_width * s.batch, 1);
  kernel.max_pool(s, in.data(), line.data(), largest.data());
  kernel.avg_pool(s, in.data(), line.data(), mean.data());
  EXPECT_TRUE(largest.intact() && mean.intact() && line.intact()) << text(s);
  for (size_t y = 0, i = 0; y < s.out_height; ++y)
    for (size_t x = 0; x < s.out_width; ++x)
      for (size_t b = 0; b < s.batch; ++b, ++i) {
        Sum plain;
        float greatest = -kInfinity;
        size_t count = 0;
        for_each_tap(s, y, x, b, [&](size_t, size_t at) {
          plain.add(1, {in[at], 0});
          if (in[at] > greatest) greatest = in[at];
          ++count;
        });
        const Number total = plain.result();
        const Number average{total.value / double(count), 2 * total.bound / double(count)};
        ASSERT_EQ(largest[i], greatest) << isa_name(isa) << " " << text(s);
        ASSERT_TRUE(close(mean[i], average)) << isa_name(isa) << " " << text(s);
      }
}

TEST(Windows, agree_with_their_definition_on_random_shapes) {
  std::mt19937_64 random(seed());
  for (int i = 0; i < 400; ++i) {
    const WindowShape s = random_shape(&random);
    const std::vector<float> in = normal(s.in_height * s.in_width * s.batch, uint64_t(i));
    for (const Isa isa : isas_to_test()) check_all(isa, s, in);
    if (HasFatalFailure()) return;
  }
}

TEST(Windows, literal) {
  // 2×3 input, 2×2 window, stride 1, a column of padding on the left.
  const WindowShape s{2, 3, 1, 3, 2, 2, 1, 1, 1, 1, 0, 1, 1};
  const std::vector<float> in = {1, 2, 3, -4, 5, -6};
  for (const Isa isa : isas_to_test()) {
    const WindowKernel& kernel = choose_window(isa);
    std::vector<float> line(3), out(3);
    kernel.max_pool(s, in.data(), line.data(), out.data());
    EXPECT_EQ(out, (std::vector<float>{1, 5, 5}));
    kernel.avg_pool(s, in.data(), line.data(), out.data());
    EXPECT_EQ(out, (std::vector<float>{-1.5f, 1, 1}));  // the first has two elements that are not padding
  }
}

TEST(Windows, pad_exactly_as_same_padding_does) {
  // 5×5, kernel 3, stride 2, one padded row and column on each side.
  const WindowShape s{5, 5, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1, 4};
  for (const Isa isa : isas_to_test()) check_all(isa, s, normal(100, 1));
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
        check_all(isa, s, normal(height * width, width));
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
