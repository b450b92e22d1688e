#include "kernels/mask/mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "support.h"

namespace tfjs_sparse {
namespace {

/// Bit for bit; memcmp alone refuses the null pointer of an empty vector.
bool same_bits(const std::vector<float>& want, const float* got) {
  return want.empty() || std::memcmp(want.data(), got, want.size() * sizeof(float)) == 0;
}

using test::isas_to_test;
using test::seed;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Quarters from -2 to 2, so that ties are many, with both zeros, infinities and denormals among them.
std::vector<float> tied_values(size_t n, uint64_t stream) {
  std::mt19937_64 random(seed() + stream);
  std::vector<float> values(n);
  for (float& v : values) v = static_cast<float>(static_cast<int>(random() % 17) - 8) / 4;
  for (size_t i = 5; i < n; i += 31) values[i] = i % 2 == 0 ? -0.0f : kInf;
  for (size_t i = 6; i < n; i += 37) values[i] = i % 2 == 0 ? -kInf : 1e-44f;
  return values;
}

const size_t kSizes[] = {0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 1000, 4095, 4096, 4097, 9001};

/// n + 16 bytes of 9, so that a write past n shows.
std::vector<uint8_t> guarded(size_t n) { return std::vector<uint8_t>(n + 16, 9); }

bool intact(const std::vector<uint8_t>& mask, size_t n) {
  return std::all_of(mask.begin() + static_cast<std::ptrdiff_t>(n), mask.end(),
                     [](uint8_t b) { return b == 9; });
}

TEST(MaskKernels, at_least_and_count_equal_agree_with_scalar) {
  const MaskKernels& scalar = choose_mask(Isa::kScalar);
  for (const size_t n : kSizes) {
    const std::vector<float> values = tied_values(n + 1, n);
    for (const Isa isa : isas_to_test()) {
      const MaskKernels& kernels = choose_mask(isa);
      ASSERT_EQ(kernels.isa, isa);
      for (const int order : {0, 1}) {
        for (const float threshold : {-kInf, -0.25f, 0.0f, 1e-44f, 0.5f, 2.0f, kInf}) {
          const int32_t key = order == 0 ? magnitude_key(threshold) : score_key(threshold);
          // Unaligned by one float, with a key past the last as well.
          for (const int32_t k : {key, key + 1}) {
            std::vector<uint8_t> want = guarded(n), got = guarded(n);
            scalar.at_least[order](values.data() + 1, n, k, want.data());
            kernels.at_least[order](values.data() + 1, n, k, got.data());
            EXPECT_EQ(want, got) << kernels.suffix << " n=" << n << " threshold=" << threshold;
            EXPECT_EQ(kernels.count_equal[order](values.data() + 1, n, k),
                      scalar.count_equal[order](values.data() + 1, n, k))
                << kernels.suffix << " n=" << n;
          }
        }
      }
    }
  }
}

TEST(MaskKernels, apply_selects_and_works_in_place) {
  for (const size_t n : kSizes) {
    std::vector<float> values = tied_values(n, n);
    for (size_t i = 0; i < n; i += 3) values[i] = i % 2 == 0 ? kNan : -kInf;
    std::vector<uint8_t> mask(n);
    for (size_t i = 0; i < n; ++i) mask[i] = i % 5 == 0 ? 0 : static_cast<uint8_t>(i % 3 == 0 ? 0 : i | 1);
    std::vector<float> want(n);
    choose_mask(Isa::kScalar).apply(values.data(), mask.data(), n, want.data());
    for (size_t i = 0; i < n; ++i)
      if (mask[i] == 0) {
        EXPECT_EQ(want[i], 0.0f);
        EXPECT_FALSE(std::signbit(want[i]));
      }
    for (const Isa isa : isas_to_test()) {
      std::vector<float> got(n + 16, 9.0f);
      choose_mask(isa).apply(values.data(), mask.data(), n, got.data());
      EXPECT_TRUE(same_bits(want, got.data())) << isa_name(isa) << " n=" << n;
      EXPECT_EQ(got[n], 9.0f);
      std::vector<float> in_place = values;
      choose_mask(isa).apply(in_place.data(), mask.data(), n, in_place.data());
      EXPECT_TRUE(same_bits(want, in_place.data())) << isa_name(isa) << " n=" << n;
    }
  }
}

/// The group's mask by a stable sort of each column.
std::vector<uint8_t> sorted_groups(const std::vector<float>& scores, size_t inputs, size_t outputs,
                                   size_t group, const std::vector<int32_t>& keep) {
  std::vector<uint8_t> mask(scores.size(), 0);
  for (size_t o = 0; o < outputs; ++o) {
    for (size_t b = 0; b * group < inputs; ++b) {
      std::vector<size_t> rows(std::min(group, inputs - b * group));
      std::iota(rows.begin(), rows.end(), b * group);
      std::stable_sort(rows.begin(), rows.end(),
                       [&](size_t x, size_t y) { return scores[x * outputs + o] > scores[y * outputs + o]; });
      rows.resize(std::min(rows.size(), static_cast<size_t>(keep[b])));
      for (const size_t row : rows) mask[row * outputs + o] = 1;
    }
  }
  return mask;
}

TEST(MaskGroups, agree_with_a_sort_of_each_group) {
  for (const size_t group : {1, 2, 4, 5, 32, 64, 65, 200}) {
    for (const size_t outputs : {1, 7, 8, 16, 17, 40}) {
      for (const size_t inputs : {group, group + 1, 3 * group - 1}) {
        const std::vector<float> scores = tied_values(inputs * outputs, group * outputs);
        std::vector<int32_t> keep((inputs + group - 1) / group);
        for (size_t b = 0; b < keep.size(); ++b) keep[b] = static_cast<int32_t>((group * (b + 1)) / 3);
        const std::vector<uint8_t> want = sorted_groups(scores, inputs, outputs, group, keep);
        std::vector<int32_t> scratch(mask_groups_scratch(group));
        for (const Isa isa : isas_to_test()) {
          std::vector<uint8_t> got = guarded(want.size());
          mask_groups(isa, scores.data(), inputs, outputs, group, keep.data(), scratch.data(), got.data());
          EXPECT_TRUE(intact(got, want.size()));
          got.resize(want.size());
          EXPECT_EQ(want, got) << isa_name(isa) << " group=" << group << " inputs=" << inputs
                               << " outputs=" << outputs;
        }
      }
    }
  }
}

TEST(MaskByRank, keeps_exactly_the_quota_of_ties_by_index) {
  for (const size_t n : {10, 4096, 20000}) {
    const std::vector<float> values = tied_values(n, n);
    std::vector<int32_t> scratch(select_scratch(n));
    for (const RankOrder order : {RankOrder::kMagnitude, RankOrder::kScore}) {
      const auto at = [&](size_t i) {
        return order == RankOrder::kMagnitude ? std::fabs(values[i]) : values[i];
      };
      std::vector<size_t> falling(n);
      std::iota(falling.begin(), falling.end(), size_t{0});
      std::stable_sort(falling.begin(), falling.end(), [&](size_t x, size_t y) { return at(x) > at(y); });
      for (const size_t k : {size_t{1}, n / 10, n / 2, n / 2 + 1, n - 2, n}) {
        const float cut = at(falling[n - k]);
        for (const Isa isa : isas_to_test()) {
          const Selection selection = select_kth(isa, order, values.data(), n, k, scratch.data());
          const std::string which =
              std::string(isa_name(isa)) + " n=" + std::to_string(n) + " k=" + std::to_string(k);
          std::vector<uint8_t> exact(n), all(n), none(n), want(n, 0);
          EXPECT_EQ(mask_by_rank(isa, order, values.data(), n, k, selection, Ties::kExact, exact.data()),
                    n - k + 1);
          for (size_t i = 0; i < n - k + 1; ++i) want[falling[i]] = 1;
          EXPECT_EQ(exact, want) << which;
          const size_t kept_all =
              mask_by_rank(isa, order, values.data(), n, k, selection, Ties::kKeepAll, all.data());
          for (size_t i = 0; i < n; ++i) want[i] = at(i) >= cut;
          EXPECT_EQ(all, want) << which;
          EXPECT_EQ(kept_all, static_cast<size_t>(std::count(want.begin(), want.end(), 1)));
          const size_t kept =
              mask_by_rank(isa, order, values.data(), n, k, selection, Ties::kDropAll, none.data());
          for (size_t i = 0; i < n; ++i) want[i] = at(i) > cut;
          EXPECT_EQ(none, want) << which;
          EXPECT_EQ(kept, static_cast<size_t>(std::count(want.begin(), want.end(), 1)));
        }
      }
    }
  }
}

TEST(MaskExpand, repeats_blocks_and_cuts_at_the_edges) {
  const std::vector<uint8_t> blocks = {1, 0, 0, 1};
  std::vector<uint8_t> mask(15);
  EXPECT_EQ(mask_expand(blocks.data(), 3, 5, 2, 3, mask.data()), 8u);
  EXPECT_EQ(mask, (std::vector<uint8_t>{1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1}));
}

TEST(MaskExpand, repeats_bits_of_every_width) {
  for (size_t width = 1; width <= 20; ++width) {
    for (const size_t outputs : {size_t{1}, width, 3 * width, 3 * width + 1, size_t{67}}) {
      const size_t inputs = 7, height = 3, across = (outputs + width - 1) / width;
      std::vector<uint8_t> blocks(3 * across), mask(inputs * outputs + 1, 9), want = mask;
      for (size_t b = 0; b < blocks.size(); ++b) blocks[b] = b * 5 % 7 % 2;
      for (size_t i = 0; i < inputs; ++i)
        for (size_t o = 0; o < outputs; ++o) want[i * outputs + o] = blocks[i / height * across + o / width];
      const size_t kept = mask_expand(blocks.data(), inputs, outputs, height, width, mask.data());
      EXPECT_EQ(mask, want) << width << " " << outputs;
      EXPECT_EQ(kept, static_cast<size_t>(std::count(want.begin(), want.end() - 1, 1)));
    }
  }
}

TEST(MaskCount, adds_the_bytes) {
  std::vector<uint8_t> mask(200003);
  for (size_t i = 0; i < mask.size(); ++i) mask[i] = i % 3 == 0;
  EXPECT_EQ(mask_count(mask.data(), mask.size()), 66668u);
  EXPECT_EQ(mask_count(mask.data(), 0), 0u);
}

}  // namespace
}  // namespace tfjs_sparse
