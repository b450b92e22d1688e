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
  EXPECT_EQ(stats.window_slots, 2u * 8);
}

TEST(WeightStats, tell_what_packing_stores) {
  for (const Isa isa : isas_to_test())
    for (const auto& [n, k] : {std::pair<size_t, size_t>{1, 1}, {9, 40}, {300, 520}, {5, 0}})
      for (const double density : {0.0, 0.05, 0.5, 1.0}) {
        const std::vector<float> weight = sparse(n, k, density, n + k);
        const OwnedCsr csr(weight.data(), n, k);
        const WeightStats stats = weight_stats(csr.view(), isa);
        const auto entries = [&](unsigned nr) {
          return PackedSpmm(csr.view(), nullptr, nr, kSpmmSparse, spmm_block_k(isa)).stored() / nr;
        };
        EXPECT_EQ(stats.non_zeros, entries(1));
        EXPECT_EQ(stats.entries2, entries(2));
        EXPECT_EQ(stats.entries4, entries(4));
        EXPECT_EQ(stats.entries8, entries(8));
        EXPECT_EQ(stats.window_slots,
                  PackedSpmv(csr.view(), nullptr, *choose_spmv(isa, kSpmvSparse, n)).stored());
      }
}

}  // namespace
}  // namespace tfjs_sparse
