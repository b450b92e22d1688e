#include "session/weight_stats.h"

#include "numbers.h"
#include "session/owned_csr.h"
#include "session/packed_spmm.h"
#include "session/packed_spmv.h"

namespace tfjs_sparse {
namespace {

using namespace test;

TEST(WeightStats, literal) {
  // Outputs 0 and 1 share column 0; output 2 is alone; a stored zero counts for nothing.
  const std::vector<int32_t> offsets = {0, 2, 4, 5}, columns = {0, 2, 0, 1, 3};
  const std::vector<float> values = {1, 0, 2, 3, 4};
  const WeightStats stats = weight_stats({3, 4, offsets.data(), columns.data(), values.data()}, Isa::kScalar);
  EXPECT_EQ(stats.non_zeros, 4u);
  EXPECT_EQ(stats.entries2, 3u);
  EXPECT_EQ(stats.entries4, 3u);
  EXPECT_EQ(stats.entries8, 3u);
  EXPECT_EQ(stats.window_slots, 8u * 8);  // a group of steps for eight outputs
}

/// [n][k] ones and zeros.
bool balanced(size_t n, size_t k, const std::vector<float>& weight, size_t positions = 1) {
  return weight_stats(OwnedCsr(weight.data(), n, k).view(), Isa::kScalar, positions).balanced;
}

TEST(WeightStats, balanced_literal) {
  // One output keeps the first of 33 inputs and the last, the other its second and the last.
  std::vector<float> weight(2 * 33, 0.0f);
  weight[0] = weight[32] = weight[33 + 1] = weight[33 + 32] = 1;
  EXPECT_TRUE(balanced(2, 33, weight));
  weight[33 + 30] = 1;  // one more
  EXPECT_FALSE(balanced(2, 33, weight));
  weight[33 + 1] = 0;  // as many again, and not the same ones
  EXPECT_TRUE(balanced(2, 33, weight));
  weight[33 + 32] = 0;
  weight[33 + 5] = 1;  // as many altogether, but not in each group
  EXPECT_FALSE(balanced(2, 33, weight));
  EXPECT_FALSE(balanced(1, 66, weight)) << "a single output is like itself";
  EXPECT_TRUE(balanced(4, 0, {}));
}

TEST(WeightStats, balanced_in_the_order_of_the_model) {
  // 2 channels at 32 positions: input i of the memory is channel i / 32, position i % 32. The model's first
  // group is both channels of the positions 0 to 15.
  const auto weight = [](size_t channel, size_t position) {
    std::vector<float> out(2 * 64, 0.0f);
    out[0] = 1;  // channel 0, position 0
    out[64 + channel * 32 + position] = 1;
    return out;
  };
  EXPECT_TRUE(balanced(2, 64, weight(1, 15), 32));
  EXPECT_FALSE(balanced(2, 64, weight(0, 16), 32));
  EXPECT_FALSE(balanced(2, 64, weight(1, 15)));
  EXPECT_TRUE(balanced(2, 64, weight(0, 16)));
}

/// keep and of, as "2:4"; "" for none.
std::string nm(size_t n, size_t k, const std::vector<float>& weight, size_t positions = 1) {
  const WeightStats stats = weight_stats(OwnedCsr(weight.data(), n, k).view(), Isa::kScalar, positions);
  EXPECT_EQ(stats.nm_keep == 0, stats.nm_of == 0);
  return stats.nm_of == 0 ? "" : std::to_string(stats.nm_keep) + ":" + std::to_string(stats.nm_of);
}

TEST(WeightStats, n_of_m_literal) {
  EXPECT_EQ(nm(2, 8, {1, 1, 0, 0, 0, 1, 0, 1, /**/ 0, 0, 1, 1, 1, 0, 0, 1}), "2:4");
  EXPECT_EQ(nm(2, 8, {1, 0, 1, 0, 0, 1, 0, 1, /**/ 0, 1, 1, 0, 1, 0, 0, 1}), "1:2") << "the fewest inputs";
  EXPECT_EQ(nm(2, 8, {1, 1, 0, 0, 0, 1, 0, 1, /**/ 0, 0, 1, 1, 1, 0, 0, 0}), "") << "one less";
  EXPECT_EQ(nm(2, 8, {1, 1, 1, 0, 0, 1, 0, 1, /**/ 0, 0, 1, 1, 1, 0, 0, 1}), "") << "one more";
  EXPECT_EQ(nm(2, 4, {1, 1, 0, 0, /**/ 0, 0, 1, 1}), "") << "a single group";
  EXPECT_EQ(nm(1, 8, {1, 1, 0, 0, 0, 1, 0, 1}), "") << "a single output";
  EXPECT_EQ(nm(2, 8, std::vector<float>(16, 1.0f)), "") << "all";
  EXPECT_EQ(nm(2, 8, std::vector<float>(16, 0.0f)), "") << "none";
  // A shorter last group keeps no more than the others.
  EXPECT_EQ(nm(2, 9, {1, 0, 0, 0, 0, 0, 0, 1, 1, /**/ 0, 0, 1, 0, 1, 0, 0, 0, 0}), "1:4");
  EXPECT_EQ(nm(2, 10, {1, 0, 0, 0, 0, 0, 0, 1, 1, 1, /**/ 0, 0, 1, 0, 1, 0, 0, 0, 0, 0}), "");
  // 2 channels at 4 positions, of which the model has both channels of a position side by side.
  const std::vector<float> flat = {1, 0, 1, 0, 0, 1, 0, 1, /**/ 1, 1, 0, 0, 0, 0, 1, 1};
  EXPECT_EQ(nm(2, 8, flat, 4), "1:2");
  EXPECT_EQ(nm(2, 8, flat), "2:4");
}

TEST(WeightStats, used_inputs_and_outputs) {
  const std::vector<float> weight = {0, 1, 0, 2, /**/ 0, 0, 0, 0, /**/ 0, 3, 0, 0};
  const WeightStats stats = weight_stats(OwnedCsr(weight.data(), 3, 4).view(), Isa::kScalar);
  EXPECT_EQ(stats.used_inputs, 2u);
  EXPECT_EQ(stats.used_outputs, 2u);
  // A stored zero uses nothing.
  const std::vector<int32_t> offsets = {0, 1}, columns = {1};
  const float zero = 0;
  const WeightStats none = weight_stats({1, 4, offsets.data(), columns.data(), &zero}, Isa::kScalar);
  EXPECT_EQ(none.used_inputs, 0u);
  EXPECT_EQ(none.used_outputs, 0u);
}

TEST(WeightStats, tell_what_packing_stores) {
  for (const Isa isa : isas_to_test())
    for (const auto& [n, k] : {std::pair<size_t, size_t>{1, 1}, {9, 40}, {300, 520}, {5, 0}})
      for (const double density : {0.0, 0.05, 0.5, 1.0}) {
        const std::vector<float> weight = sparse(n, k, density, n + k);
        const OwnedCsr csr(weight.data(), n, k);
        const WeightStats stats = weight_stats(csr.view(), isa);
        const auto entries = [&](unsigned nr) {
          return PackedSpmm(csr.view(), nullptr, nr, kSpmmSparse,
                            block_k_for(csr.view(), isa, nr, kSpmmSparse))
                     .stored() /
                 nr;
        };
        EXPECT_EQ(stats.non_zeros, entries(1));
        EXPECT_EQ(stats.entries2, entries(2));
        EXPECT_EQ(stats.entries4, entries(4));
        EXPECT_EQ(stats.entries8, entries(8));
        EXPECT_EQ(stats.window_slots,
                  PackedSpmv(csr.view(), nullptr, *choose_spmv(isa, kSpmvSparse, n)).stored());
        EXPECT_EQ(stats.narrow_slots,
                  PackedSpmv(csr.view(), nullptr, *choose_spmv(isa, kSpmvNarrow, n)).stored());
      }
}

}  // namespace
}  // namespace tfjs_sparse
