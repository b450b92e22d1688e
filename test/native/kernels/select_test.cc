#include "kernels/select/select.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/select/sample.h"
#include "support.h"

namespace tfjs_sparse {
namespace {

using test::isas_to_test;
using test::seed;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> normal(size_t n, uint64_t stream = 0) {
  std::mt19937_64 random(seed() + stream);
  std::normal_distribution<float> distribution;
  std::vector<float> values(n);
  for (float& v : values) v = distribution(random);
  return values;
}

/// By a full sort of the floats themselves.
Selection expected(RankOrder order, std::vector<float> values, size_t k) {
  if (order == RankOrder::kMagnitude)
    for (float& v : values) v = std::fabs(v);
  std::sort(values.begin(), values.end());
  const float kth = values[k - 1];
  const auto range = std::equal_range(values.begin(), values.end(), kth);
  Selection out;
  out.key = order == RankOrder::kMagnitude ? magnitude_key(kth) : score_key(kth);
  out.below = static_cast<size_t>(range.first - values.begin());
  out.equal = static_cast<size_t>(range.second - range.first);
  return out;
}

void expect_selects(const std::vector<float>& values, const std::vector<size_t>& ranks) {
  std::vector<int32_t> scratch(select_scratch(values.size()));
  for (const RankOrder order : {RankOrder::kMagnitude, RankOrder::kScore}) {
    for (const size_t k : ranks) {
      const Selection want = expected(order, values, k);
      for (const Isa isa : isas_to_test()) {
        const RunParts split = [](size_t count, const std::function<void(size_t)>& task) {
          for (size_t part = count; part-- > 0;) task(part);
        };
        for (const RunParts* run : {static_cast<const RunParts*>(nullptr), &split}) {
          const Selection got = select_kth(isa, order, values.data(), values.size(), k, scratch.data(), run);
          const std::string which = std::string(isa_name(isa)) + " n=" + std::to_string(values.size()) +
                                    " k=" + std::to_string(k) + " seed=" + std::to_string(seed());
          EXPECT_FALSE(got.nan) << which;
          EXPECT_EQ(got.key, want.key) << which;
          EXPECT_EQ(got.below, want.below) << which;
          EXPECT_EQ(got.equal, want.equal) << which;
        }
      }
    }
  }
}

std::vector<size_t> spread(size_t n) {
  return {1, 2, n / 10 + 1, n / 4 + 1, n / 2, n * 9 / 10, n * 99 / 100, n - 1, n};
}

TEST(SelectKernel, agrees_with_scalar) {
  std::mt19937_64 random(seed());
  size_t count;
  const SelectKernel* kernels = select_kernels(&count);
  for (const size_t n : {1, 7, 8, 9, 15, 16, 17, 100, 2047, 2048, 2049, 5000, 70001}) {
    std::vector<float> values = normal(n + 1, n);
    for (size_t i = 0; i < values.size(); i += 3) values[i] = std::round(values[i] * 4) / 4;
    for (size_t i = 0; i < values.size(); i += 29) values[i] = i % 2 == 0 ? 0.0f : -0.0f;
    for (size_t c = 0; c < count; ++c) {
      const SelectKernel& kernel = kernels[c];
      if (!test::runs_here(kernel.isa)) continue;
      const SelectKernel& scalar = choose_select(Isa::kScalar, kernel.source);
      for (const auto& [low, high] :
           {std::pair<float, float>{-0.25f, 0.5f}, {0.25f, 0.75f}, {-kInf, kInf}, {0.5f, 9.f}}) {
        for (const auto& [capacity, ends] : {std::pair<size_t, bool>{0, true},
                                             {5, false},
                                             {n / 8, true},
                                             {n / 8, false},
                                             {n, true},
                                             {n, false}}) {
          // Keys of floats serve as an array of keys as well; at + 1 the array is not aligned to a register.
          const void* words = values.data() + 1;
          std::vector<int32_t> want(n, 77), got(n, 77);
          BracketTally a, b;
          scalar.function(words, n, score_key(low), score_key(high), ends, want.data(), capacity, &a);
          kernel.function(words, n, score_key(low), score_key(high), ends, got.data(), capacity, &b);
          EXPECT_EQ(a.below, b.below) << kernel.name << " n=" << n;
          EXPECT_EQ(a.at_low, b.at_low) << kernel.name << " n=" << n;
          EXPECT_EQ(a.inside, b.inside) << kernel.name << " n=" << n;
          EXPECT_EQ(a.at_high, b.at_high) << kernel.name << " n=" << n;
          EXPECT_EQ(a.nan, b.nan) << kernel.name;
          if (a.inside <= capacity) {
            want.resize(a.inside);
            EXPECT_TRUE(std::equal(want.begin(), want.end(), got.begin())) << kernel.name << " n=" << n;
          }
          EXPECT_TRUE(std::all_of(got.begin() + capacity, got.end(), [](int32_t key) { return key == 77; }))
              << kernel.name << " writes past the capacity, n=" << n;
        }
      }
    }
  }
}

TEST(SelectKth, literal) {
  const std::vector<float> values = {0.1f, -0.2f, 0.3f, -0.4f, 0.5f};
  std::vector<int32_t> scratch(select_scratch(5));
  EXPECT_EQ(
      key_value(select_kth(Isa::kScalar, RankOrder::kMagnitude, values.data(), 5, 4, scratch.data()).key),
      0.4f);
  EXPECT_EQ(key_value(select_kth(Isa::kScalar, RankOrder::kScore, values.data(), 5, 1, scratch.data()).key),
            -0.4f);
}

TEST(SelectKth, n_small) {
  for (size_t n = 1; n < 40; ++n) {
    std::vector<size_t> all;
    for (size_t k = 1; k <= n; ++k) all.push_back(k);
    expect_selects(normal(n, n), all);
  }
}

TEST(SelectKth, normal) {
  for (const size_t n : {4096, 4097, 10000, 300000}) expect_selects(normal(n), spread(n));
}

TEST(SelectKth, split_parts_overflow) {
  // All keys near the k-th lie in one part, which has room for a quarter of them.
  std::vector<float> values = normal(400000);
  for (size_t i = 0; i < 60000; ++i) values[200000 + i] = 5 + values[i] * 1e-3f;
  expect_selects(values, {values.size() - 30000});
}

TEST(SelectKth, all_equal) {
  for (const float value : {0.0f, -1.5f, kInf, 1e-45f})
    expect_selects(std::vector<float>(20000, value), spread(20000));
}

TEST(SelectKth, sorted_and_reversed) {
  std::vector<float> values = normal(100000);
  std::sort(values.begin(), values.end());
  expect_selects(values, spread(values.size()));
  std::reverse(values.begin(), values.end());
  expect_selects(values, spread(values.size()));
}

TEST(SelectKth, mostly_zero_of_both_signs) {
  std::vector<float> values = normal(100000);
  for (size_t i = 0; i < values.size(); ++i)
    if (i % 10 != 3) values[i] = i % 3 == 0 ? -0.0f : 0.0f;
  std::vector<size_t> ranks = spread(values.size());
  for (const size_t k : {89999, 90000, 90001, 90002}) ranks.push_back(k);
  expect_selects(values, ranks);
}

TEST(SelectKth, two_valued) {
  std::vector<float> values(50000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = i * 7 % 10 < 3 ? -2.0f : 1.0f;
  std::vector<size_t> ranks = spread(values.size());
  for (const size_t k : {14999, 15000, 15001, 34999, 35000, 35001}) ranks.push_back(k);
  expect_selects(values, ranks);
}

TEST(SelectKth, infinities_and_denormals) {
  std::vector<float> values = normal(60000);
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % 5 == 0) values[i] *= 1e-42f;
    if (i % 7 == 0) values[i] = kInf;
    if (i % 11 == 0) values[i] = -kInf;
  }
  expect_selects(values, spread(values.size()));
}

/// What the sample sees is not what there is: every stratum is one value but for a few words, so that
/// brackets miss.
TEST(SelectKth, misleading_samples) {
  std::vector<float> values(200000, 1.0f);
  for (size_t i = 0; i < values.size(); i += 97) values[i] = 2.0f + static_cast<float>(i);
  expect_selects(values, spread(values.size()));
  // Long runs: few independent words in the sample.
  std::vector<float> runs(200000);
  const std::vector<float> levels = normal(20);
  const std::vector<float> noise = normal(runs.size(), 1);
  for (size_t i = 0; i < runs.size(); ++i) runs[i] = levels[i * 7919 / 10000 % 20] * 100 + noise[i];
  expect_selects(runs, spread(runs.size()));
}

/// What is sampled is larger than all the rest, so that the bracket holds no rank of the rest: a histogram
/// must find it.
TEST(SelectKth, bracket_misses) {
  const size_t n = 50000;
  std::vector<float> values = normal(n);
  SamplePlaces places(n);
  for (size_t run = 0; run < places.runs(); ++run) {
    const size_t start = places.next();
    for (size_t i = 0; i < SamplePlaces::kRun; ++i) values[start + i] = 1e9f + static_cast<float>(start + i);
  }
  std::vector<int32_t> scratch(select_scratch(n));
  for (const size_t k : {size_t{1}, n / 10, n / 2, n * 9 / 10}) {
    for (const RankOrder order : {RankOrder::kMagnitude, RankOrder::kScore})
      for (const Isa isa : isas_to_test()) {
        const unsigned narrowed = select_kth(isa, order, values.data(), n, k, scratch.data()).narrowed;
        if (k > 1) EXPECT_GE(narrowed, 1u) << isa_name(isa) << " k=" << k;
      }
    expect_selects(values, {k});
  }
}

TEST(SelectKth, brackets_of_honest_data_hold) {
  const std::vector<float> values = normal(300000);
  std::vector<int32_t> scratch(select_scratch(values.size()));
  for (const size_t k : spread(values.size()))
    for (const Isa isa : isas_to_test())
      EXPECT_EQ(select_kth(isa, RankOrder::kScore, values.data(), values.size(), k, scratch.data()).narrowed,
                0u);
}

/// Neighbouring keys only: brackets are one key wide.
TEST(SelectKth, neighbouring_keys) {
  std::vector<float> values(50000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = key_value(magnitude_key(1.0f) + static_cast<int32_t>(i % 3));
  expect_selects(values, spread(values.size()));
}

TEST(SelectKthKey, agrees_with_a_sort) {
  for (const size_t n : {1, 4096, 4097, 9000, 200000}) {
    std::vector<int32_t> keys(n);
    std::mt19937_64 random(seed() + n);
    for (int32_t& key : keys) key = static_cast<int32_t>(random() % 100000) - 50000;
    std::vector<int32_t> sorted = keys, scratch(select_key_scratch(n));
    std::sort(sorted.begin(), sorted.end());
    for (const size_t k : {size_t{1}, n / 2 + 1, n})
      for (const Isa isa : isas_to_test()) {
        const Selection got = select_kth_key(isa, keys.data(), n, k, scratch.data());
        const auto range = std::equal_range(sorted.begin(), sorted.end(), sorted[k - 1]);
        EXPECT_EQ(got.key, sorted[k - 1]) << isa_name(isa) << " n=" << n << " k=" << k;
        EXPECT_EQ(got.below, static_cast<size_t>(range.first - sorted.begin())) << isa_name(isa);
        EXPECT_EQ(got.equal, static_cast<size_t>(range.second - range.first)) << isa_name(isa);
      }
  }
}

TEST(SelectKth, nan_in) {
  for (const size_t n : {10, 4096, 50001}) {
    std::vector<int32_t> scratch(select_scratch(n));
    for (const size_t at : {size_t{0}, n / 2, n - 1}) {
      for (const float nan : {kNan, -kNan}) {
        std::vector<float> values = normal(n);
        values[at] = nan;
        EXPECT_EQ(first_nan(values.data(), n), at);
        for (const RankOrder order : {RankOrder::kMagnitude, RankOrder::kScore})
          for (const Isa isa : isas_to_test())
            EXPECT_TRUE(select_kth(isa, order, values.data(), n, n / 2, scratch.data()).nan) << isa_name(isa);
      }
    }
  }
  const std::vector<float> values = normal(10000);
  EXPECT_EQ(first_nan(values.data(), values.size()), values.size());
}

TEST(SelectScratch, is_bounded) {
  EXPECT_LE(select_scratch(16777216), 16777216u / 8);
  EXPECT_EQ(select_scratch(10), 10u);
}

TEST(SelectScratch, is_a_tenth_of_the_array_and_a_megabyte_at_most) {
  for (size_t n = 1; n < size_t{1} << 31; n += n / 3 + 1)
    EXPECT_LE(select_scratch(n), n / 10 + (1 << 20) / sizeof(int32_t)) << n;
}

}  // namespace
}  // namespace tfjs_sparse
