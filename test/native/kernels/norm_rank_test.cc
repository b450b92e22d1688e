#include "kernels/norm_rank/norm_rank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "support.h"

namespace tfjs_sparse {
namespace {

using test::isas_to_test;
using test::seed;

constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<float> normal(size_t n, uint64_t stream) {
  std::mt19937_64 random(seed() + stream);
  std::normal_distribution<float> distribution;
  std::vector<float> values(n);
  for (float& v : values) v = distribution(random);
  return values;
}

const Norm kNorms[] = {Norm::kL1, Norm::kL2, Norm::kMean, Norm::kLinf, Norm::kMax};

/// From the definition, in long double.
double defined(Norm norm, const std::vector<float>& values) {
  long double sum = 0;
  double greatest = -kInf, magnitude = 0;
  for (const float v : values) {
    sum += norm == Norm::kL2 ? static_cast<long double>(v) * v : norm == Norm::kL1 ? std::fabs(v) : v;
    greatest = std::max(greatest, static_cast<double>(v));
    magnitude = std::max(magnitude, std::fabs(static_cast<double>(v)));
  }
  switch (norm) {
    case Norm::kL1:
      return static_cast<double>(sum);
    case Norm::kL2:
      return static_cast<double>(std::sqrt(sum));
    case Norm::kMean:
      return static_cast<double>(sum / static_cast<long double>(values.size()));
    case Norm::kLinf:
      return magnitude;
    case Norm::kMax:
      return greatest;
  }
  return 0;
}

std::vector<float> norms_of(Isa isa, Norm norm, const std::vector<float>& values, const NormBlocks& blocks) {
  std::vector<float> norms(blocks.bands() * blocks.across() + 1, -9.0f);
  block_norms(isa, norm, values.data(), blocks, norms.data());
  EXPECT_EQ(norms.back(), -9.0f);
  norms.pop_back();
  return norms;
}

std::vector<NormBlocks> layouts(size_t inputs, size_t outputs) {
  return {{inputs, outputs, 1, outputs, 1, outputs},  // inputs
          {inputs, outputs, inputs, 1, inputs, 1},    // outputs
          {inputs, outputs, 1, 4, 1, 4},
          {inputs, outputs, 4, 1, 4, 1},
          {inputs, outputs, 3, 5, 2, 1},  // a shorter first block
          {inputs, outputs, 100, 3000, 100, 3000}};
}

TEST(BlockNorms, agree_with_the_definition_and_bit_for_bit_among_instruction_sets) {
  for (const auto& [inputs, outputs] :
       {std::pair<size_t, size_t>{1, 1}, {2, 3}, {5, 16}, {16, 17}, {33, 40}, {7, 2500}}) {
    const std::vector<float> values = normal(inputs * outputs, inputs * outputs);
    for (const NormBlocks& blocks : layouts(inputs, outputs)) {
      for (const Norm norm : kNorms) {
        const std::vector<float> scalar = norms_of(Isa::kScalar, norm, values, blocks);
        size_t at = 0;
        for (size_t top = 0, rows = blocks.first_inputs; top < inputs;
             top += rows, rows = blocks.block_inputs) {
          for (size_t left = 0, cols = blocks.first_outputs; left < outputs;
               left += cols, cols = blocks.block_outputs) {
            std::vector<float> block;
            for (size_t i = top; i < std::min(top + rows, inputs); ++i)
              for (size_t o = left; o < std::min(left + cols, outputs); ++o)
                block.push_back(values[i * outputs + o]);
            const double want = defined(norm, block);
            // One rounding to float32; the float64 sums before it are far finer, save where a mean cancels.
            const double tolerance = std::fabs(want) * std::numeric_limits<float>::epsilon() + 1e-14;
            ASSERT_LT(at, scalar.size());
            EXPECT_NEAR(scalar[at], want, tolerance) << "norm " << static_cast<int>(norm);
            ++at;
          }
        }
        EXPECT_EQ(at, scalar.size());
        for (const Isa isa : isas_to_test()) {
          const std::vector<float> got = norms_of(isa, norm, values, blocks);
          EXPECT_EQ(std::memcmp(got.data(), scalar.data(), got.size() * sizeof(float)), 0)
              << isa_name(isa) << " " << inputs << "x" << outputs << " norm " << static_cast<int>(norm);
        }
      }
    }
  }
}

TEST(NormKernels, agree_with_scalar_bit_for_bit) {
  const NormKernels& scalar = choose_norm(Isa::kScalar);
  for (const size_t n : {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 1000}) {
    std::vector<float> values = normal(3 * n + 1, n);
    if (n > 3) values[3] = -1e-44f, values[n] = 3e38f, values[n + 1] = -0.0f;
    const float* x = values.data() + 1;
    for (const Isa isa : isas_to_test()) {
      const NormKernels& kernels = choose_norm(isa);
      ASSERT_EQ(kernels.isa, isa);
      for (int k = 0; k < 3; ++k) {
        EXPECT_EQ(kernels.row_sum[k](x, n), scalar.row_sum[k](x, n)) << kernels.suffix << " n=" << n;
        std::vector<double> want(n, 1.0), got(n, 1.0);
        scalar.column_sums[k](x, 2, n, n + 1, want.data());
        kernels.column_sums[k](x, 2, n, n + 1, got.data());
        EXPECT_EQ(want, got) << kernels.suffix << " n=" << n;
      }
      for (int k = 0; k < 2; ++k) {
        EXPECT_EQ(kernels.row_max[k](x, n), scalar.row_max[k](x, n)) << kernels.suffix << " n=" << n;
        std::vector<int32_t> want(n, -kInfinityKey), got(n, -kInfinityKey);
        scalar.column_maxima[k](x, 2, n, n + 1, want.data());
        kernels.column_maxima[k](x, 2, n, n + 1, got.data());
        EXPECT_EQ(want, got) << kernels.suffix << " n=" << n;
      }
    }
  }
}

TEST(BlockNorms, are_the_same_bits_however_the_work_is_split) {
  const RunParts backwards = [](size_t count, const std::function<void(size_t)>& task) {
    EXPECT_GT(count, 1u);
    for (size_t i = count; i > 0; --i) task(i - 1);
  };
  for (const auto& [inputs, outputs] : {std::pair<size_t, size_t>{150, 4099}, {70001, 5}, {3, 100003}}) {
    const std::vector<float> values = normal(inputs * outputs, outputs);
    for (const NormBlocks& blocks : layouts(inputs, outputs)) {
      if (blocks.bands() == 1 && outputs == 5) continue;  // nothing to split
      for (const Norm norm : kNorms) {
        std::vector<float> split(blocks.bands() * blocks.across());
        for (const Isa isa : isas_to_test()) {
          block_norms(isa, norm, values.data(), blocks, split.data(), &backwards);
          const std::vector<float> whole = norms_of(isa, norm, values, blocks);
          EXPECT_EQ(std::memcmp(split.data(), whole.data(), whole.size() * sizeof(float)), 0)
              << isa_name(isa) << " " << inputs << "x" << outputs << " norm " << static_cast<int>(norm);
        }
      }
    }
  }
}

TEST(FirstNan, is_found_anywhere_by_every_instruction_set) {
  std::vector<float> values = normal(40000, 3);
  values[7] = kInf, values[8] = -kInf;
  for (const Isa isa : isas_to_test()) {
    EXPECT_EQ(first_nan(isa, values.data(), values.size()), values.size()) << isa_name(isa);
    EXPECT_EQ(first_nan(isa, values.data(), 0), 0u);
    for (const size_t at : {size_t{0}, size_t{16383}, size_t{16384}, size_t{39999}}) {
      std::vector<float> spoilt = values;
      spoilt[at] = -std::numeric_limits<float>::quiet_NaN();
      spoilt.back() = std::numeric_limits<float>::quiet_NaN();
      EXPECT_EQ(first_nan(isa, spoilt.data(), spoilt.size()), at) << isa_name(isa);
    }
  }
}

TEST(BlockNorms, are_nan_where_a_value_is) {
  std::vector<float> values = normal(40 * 50, 4);
  values[3 * 50 + 7] = -std::numeric_limits<float>::quiet_NaN();
  for (const Isa isa : isas_to_test()) {
    for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
      for (const NormBlocks& blocks : layouts(40, 50)) {
        const std::vector<float> norms = norms_of(isa, norm, values, blocks);
        EXPECT_EQ(std::count_if(norms.begin(), norms.end(), [](float v) { return std::isnan(v); }), 1)
            << isa_name(isa) << " norm " << static_cast<int>(norm);
      }
    }
  }
}

TEST(BlockNorms, literal) {
  const std::vector<float> values = {1, -2, 3, 2, 1, -1};
  EXPECT_EQ(norms_of(Isa::kScalar, Norm::kL1, values, {2, 3, 1, 3, 1, 3}), (std::vector<float>{6, 4}));
  EXPECT_EQ(norms_of(Isa::kScalar, Norm::kLinf, values, {2, 3, 2, 1, 2, 1}), (std::vector<float>{2, 2, 3}));
  EXPECT_EQ(norms_of(Isa::kScalar, Norm::kMax, values, {2, 3, 2, 1, 2, 1}), (std::vector<float>{2, 1, 3}));
  EXPECT_EQ(norms_of(Isa::kScalar, Norm::kMean, values, {2, 3, 2, 2, 2, 2}), (std::vector<float>{0.5f, 1}));
}

TEST(RankRising, is_stable_and_orders_every_magnitude) {
  std::vector<float> norms = normal(5000, 1);
  for (float& v : norms) v = std::fabs(std::round(v * 8)) / 8;
  norms[17] = kInf;
  norms[18] = 1e-45f;
  norms[19] = -0.0f;
  norms[20] = 3e38f;
  std::vector<uint32_t> want(norms.size()), got(norms.size());
  std::iota(want.begin(), want.end(), 0u);
  std::stable_sort(want.begin(), want.end(), [&](uint32_t a, uint32_t b) { return norms[a] < norms[b]; });
  std::vector<uint64_t> scratch(2 * norms.size());
  rank_rising(norms.data(), norms.size(), scratch.data(), got.data());
  EXPECT_EQ(want, got);
  rank_rising(norms.data(), 0, scratch.data(), got.data());
}

}  // namespace
}  // namespace tfjs_sparse
