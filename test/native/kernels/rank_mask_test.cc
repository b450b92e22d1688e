#include "kernels/rank_mask/rank_mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
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
constexpr RankOrder kOrders[] = {RankOrder::kMagnitude, RankOrder::kScore};
constexpr Ties kAllTies[] = {Ties::kExact, Ties::kKeepAll, Ties::kDropAll};

std::vector<float> normal(size_t n, uint64_t stream = 0) {
  std::mt19937_64 random(seed() + stream);
  std::normal_distribution<float> distribution;
  std::vector<float> values(n);
  for (float& v : values) v = distribution(random);
  return values;
}

int32_t key_of(RankOrder order, float value) {
  return order == RankOrder::kMagnitude ? magnitude_key(value) : score_key(value);
}

struct Pass {
  std::vector<uint8_t> mask;
  std::vector<InsideKey> inside;
  RankMaskTally tally;
};

/// The mask begins `offset` bytes after an aligned one and has a guard on both sides.
Pass run_pass(const RankMaskKernel& kernel, const float* values, size_t n, const Bracket& bracket,
              size_t capacity, size_t offset) {
  Pass pass;
  pass.mask.assign(n + 192, 9);
  pass.inside.assign(capacity + 4, {77, 77});
  const size_t past = reinterpret_cast<uintptr_t>(pass.mask.data()) % 64;
  const size_t start = (64 - past) % 64 + offset;
  kernel.function(values, n, bracket, pass.mask.data() + start, pass.inside.data(), capacity, &pass.tally);
  const auto wrote = [](uint8_t byte) { return byte != 9; };
  const auto begin = pass.mask.begin() + static_cast<std::ptrdiff_t>(start);
  const auto end = begin + static_cast<std::ptrdiff_t>(n);
  EXPECT_FALSE(std::any_of(pass.mask.begin(), begin, wrote) || std::any_of(end, pass.mask.end(), wrote))
      << kernel.name << " wrote beside";
  for (size_t i = capacity; i < pass.inside.size(); ++i)
    EXPECT_TRUE(pass.inside[i].key == 77 && pass.inside[i].position == 77) << kernel.name << " past capacity";
  pass.mask.erase(pass.mask.begin(), begin);
  pass.mask.resize(n);
  return pass;
}

void expect_equal(const Pass& want, const Pass& got, size_t capacity, const std::string& which) {
  if (want.tally.inside > capacity) {
    EXPECT_GT(got.tally.inside, capacity) << which;
    return;
  }
  ASSERT_EQ(want.tally.inside, got.tally.inside) << which;
  EXPECT_EQ(want.tally.up_to_low, got.tally.up_to_low) << which;
  EXPECT_EQ(want.tally.nan, got.tally.nan) << which;
  // Compared as bytes: millions of values one by one take minutes under a sanitizer.
  EXPECT_EQ(std::memcmp(want.mask.data(), got.mask.data(), got.mask.size()), 0) << which;
  EXPECT_EQ(std::memcmp(want.inside.data(), got.inside.data(), want.tally.inside * sizeof(InsideKey)), 0)
      << which;
}

void expect_agrees_with_scalar(size_t n, const std::vector<size_t>& capacities,
                               const std::vector<size_t>& offsets) {
  std::vector<float> values = normal(n + 1, n);
  for (size_t i = 0; i < values.size(); i += 3) values[i] = std::round(values[i] * 4) / 4;
  for (size_t i = 0; i < values.size(); i += 29) values[i] = i % 2 == 0 ? 0.0f : -0.0f;
  const auto bracket_of = [](float low, float guess, float high) {
    return Bracket{score_key(low), score_key(guess), score_key(high), false};
  };
  const Bracket brackets[] = {bracket_of(-0.25f, 0.1f, 0.5f), bracket_of(0.25f, 0.75f, 0.75f),
                              bracket_of(-kInf, 1.0f, kInf), bracket_of(0.0f, 1e-45f, 9.0f)};
  size_t count;
  const RankMaskKernel* kernels = rank_mask_kernels(&count);
  // At + 1 the values are not aligned to a register.
  const float* at = values.data() + 1;
  for (const RankOrder order : kOrders)
    for (const Bracket& bracket : brackets)
      for (const size_t capacity : capacities)
        for (const size_t offset : offsets) {
          const Pass want = run_pass(choose_rank_mask(Isa::kScalar, order), at, n, bracket, capacity, offset);
          for (size_t c = 0; c < count; ++c) {
            const RankMaskKernel& kernel = kernels[c];
            if (!test::runs_here(kernel.isa) || kernel.isa == Isa::kScalar || kernel.order != order) continue;
            expect_equal(want, run_pass(kernel, at, n, bracket, capacity, offset), capacity,
                         std::string(kernel.name) + " n=" + std::to_string(n) +
                             " capacity=" + std::to_string(capacity) + " offset=" + std::to_string(offset));
          }
        }
}

TEST(RankMaskKernel, agrees_with_scalar) {
  for (const size_t n : {0, 1, 31, 32, 33, 63, 64, 65, 100, 2047, 2048, 2049, 9001})
    expect_agrees_with_scalar(n, {0, 5, n / 8, n}, {0, 3});
}

TEST(RankMaskKernel, streamed_agrees_with_scalar) {
  // From kStreamFrom on the kernels write around the caches, from the first aligned byte of the mask.
  expect_agrees_with_scalar(kStreamFrom + 17, {kStreamFrom / 2, kStreamFrom + 17}, {5});
}

TEST(RankMaskKernel, nan_in) {
  for (const size_t at : {0, 77, 999}) {
    std::vector<float> values = normal(1000);
    values[at] = at % 2 == 0 ? kNan : -kNan;
    size_t count;
    const RankMaskKernel* kernels = rank_mask_kernels(&count);
    for (size_t c = 0; c < count; ++c) {
      if (!test::runs_here(kernels[c].isa)) continue;
      const Bracket all{-kInfinityKey - 1, 0, kInfinityKey + 1, false};
      EXPECT_TRUE(run_pass(kernels[c], values.data(), values.size(), all, 1000, 0).tally.nan)
          << kernels[c].name;
    }
  }
}

/// The definition, where `key` is the k-th smallest: ties by index.
RankedMask expected(const std::vector<int32_t>& keys, int32_t key, size_t k, Ties ties,
                    std::vector<uint8_t>* mask) {
  RankedMask out;
  out.key = key;
  const size_t above = static_cast<size_t>(
      std::count_if(keys.begin(), keys.end(), [&](int32_t other) { return other > key; }));
  size_t quota = ties == Ties::kKeepAll   ? keys.size()
                 : ties == Ties::kDropAll ? 0
                                          : keys.size() - k + 1 - above;
  mask->resize(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    const bool tied = keys[i] == out.key && quota > 0;
    quota -= tied;
    (*mask)[i] = keys[i] > out.key || tied;
    out.kept += (*mask)[i];
  }
  return out;
}

void expect_masks(const std::vector<float>& values, const std::vector<size_t>& ranks, MaskRoad road,
                  RankOrder order = RankOrder::kMagnitude) {
  const size_t n = values.size();
  std::vector<int32_t> scratch(rank_mask_scratch(n)), keys(n);
  std::transform(values.begin(), values.end(), keys.begin(), [&](float v) { return key_of(order, v); });
  std::vector<int32_t> sorted = keys;
  for (const size_t k : ranks) {
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(k - 1), sorted.end());
    for (const Ties ties : kAllTies) {
      std::vector<uint8_t> want;
      const RankedMask reference = expected(keys, sorted[k - 1], k, ties, &want);
      for (const Isa isa : isas_to_test()) {
        const std::string which = std::string(isa_name(isa)) + " n=" + std::to_string(n) +
                                  " k=" + std::to_string(k) + " seed=" + std::to_string(seed());
        const RunParts split = [](size_t count, const std::function<void(size_t)>& task) {
          for (size_t part = count; part-- > 0;) task(part);
        };
        for (const RunParts* run : {static_cast<const RunParts*>(nullptr), &split}) {
          std::vector<uint8_t> got(n, 9);
          const RankedMask ranked =
              rank_mask(isa, order, values.data(), n, k, ties, scratch.data(), got.data(), run);
          EXPECT_EQ(ranked.road, road) << which;
          EXPECT_FALSE(ranked.nan) << which;
          EXPECT_EQ(ranked.key, reference.key) << which;
          EXPECT_EQ(ranked.kept, reference.kept) << which;
          EXPECT_TRUE(got == want) << which;
        }
      }
    }
  }
}

constexpr size_t kLong = kOnePassFrom + 77;

TEST(RankMask, n_short) {
  for (const size_t n : {1, 2, 100, 5000}) {
    std::vector<float> values = normal(n);
    for (size_t i = 0; i < n; i += 2) values[i] = std::round(values[i]);
    for (const RankOrder order : kOrders) expect_masks(values, {1, (n + 1) / 2, n}, MaskRoad::kShort, order);
  }
}

TEST(RankMask, one_pass) {
  for (const RankOrder order : kOrders)
    expect_masks(normal(kLong), {kLong / 10, kLong * 9 / 10}, MaskRoad::kOnePass, order);
}

TEST(RankMask, first_and_last_rank) { expect_masks(normal(kLong), {1, kLong}, MaskRoad::kOnePass); }

TEST(RankMask, one_pass_with_ties_inside_the_bracket) {
  // A thousand copies of a value in the middle of the ranking, all over the array.
  std::vector<float> values = normal(kLong);
  std::vector<float> sorted = values;
  for (float& v : sorted) v = std::fabs(v);
  std::nth_element(sorted.begin(), sorted.begin() + kLong / 2, sorted.end());
  for (size_t i = 0; i < 1000; ++i) values[i * 2000] = i % 2 == 0 ? sorted[kLong / 2] : -sorted[kLong / 2];
  expect_masks(values, {kLong / 2}, MaskRoad::kOnePass);
}

TEST(RankMask, split_parts_overflow) {
  std::vector<float> values = normal(kLong);
  std::sort(values.begin(), values.end());
  expect_masks(values, {kLong * 9 / 10}, MaskRoad::kOnePass, RankOrder::kScore);
}

TEST(RankMask, most_are_zero) {
  std::vector<float> values = normal(kLong);
  for (size_t i = 0; i < kLong; ++i)
    if (i % 10 != 3) values[i] = i % 3 == 0 ? -0.0f : 0.0f;
  expect_masks(values, {kLong / 2, kLong * 8 / 10}, MaskRoad::kTied);
  expect_masks(values, {kLong * 95 / 100}, MaskRoad::kOnePass);
}

TEST(RankMask, all_equal) {
  expect_masks(std::vector<float>(kLong, -1.5f), {1, kLong / 3, kLong}, MaskRoad::kTied);
}

/// What a selection samples is larger than all the rest: its bracket holds no rank of the rest.
TEST(RankMask, bracket_misses) {
  std::vector<float> values = normal(kLong);
  SamplePlaces places(kLong);
  for (size_t run = 0; run < places.runs(); ++run) {
    const size_t start = places.next();
    for (size_t i = 0; i < SamplePlaces::kRun; ++i) values[start + i] = 1e9f + static_cast<float>(start + i);
  }
  expect_masks(values, {kLong / 2}, MaskRoad::kMissed);
}

/// What is sampled is spread wide, and the rest lies between two neighbours of the sample.
TEST(RankMask, too_many_inside) {
  std::vector<float> values = normal(kLong);
  for (float& v : values) v = 1.0f + v * 1e-3f;
  SamplePlaces places(kLong);
  for (size_t run = 0, j = 0; run < places.runs(); ++run) {
    const size_t start = places.next();
    for (size_t i = 0; i < SamplePlaces::kRun; ++i)
      values[start + i] = ++j % 2 == 0 ? 1e-6f * static_cast<float>(j) : 1e6f + static_cast<float>(j);
  }
  expect_masks(values, {kLong / 2}, MaskRoad::kMissed);
}

TEST(RankMask, nan_in) {
  for (const size_t n : {size_t{10}, kLong}) {
    std::vector<float> values = normal(n);
    values[n - 2] = kNan;
    std::vector<int32_t> scratch(rank_mask_scratch(n));
    std::vector<uint8_t> mask(n);
    for (const Isa isa : isas_to_test())
      for (const RankOrder order : kOrders)
        EXPECT_TRUE(
            rank_mask(isa, order, values.data(), n, n / 2, Ties::kExact, scratch.data(), mask.data()).nan)
            << isa_name(isa);
  }
}

}  // namespace
}  // namespace tfjs_sparse
