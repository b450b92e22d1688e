#include "session/packed_spmm.h"

#include <algorithm>
#include <iterator>

#include "numbers.h"
#include "session/matmul.h"
#include "session/owned_csr.h"
#include "stored.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr SpmmWay kAllWays[] = {{1, kSpmmSparse}, {2, kSpmmSparse}, {4, kSpmmSparse}, {8, kSpmmSparse},
                                {1, kSpmmDense},  {2, kSpmmDense},  {4, kSpmmDense},  {8, kSpmmDense},
                                {8, kSpmmSlices}, {4, kSpmmSlices}};

/// Slices of four outputs are for some ISAs alone.
bool has_way(Isa isa, unsigned nr, SpmmPattern pattern) {
  return pattern != kSpmmSlices || nr == kSpmmSliceOutputs || spmm_has_wide_slices(isa);
}

/// C[n][m] of a packed weight, chunk by chunk, against double precision, on every instruction set that has
/// it.
void check_product(size_t n, size_t k, double density, unsigned nr, SpmmPattern pattern, size_t m,
                   Storage storage) {
  const std::vector<float> weight = sparse(n, k, density, n + k), bias = normal(n, 1), x = normal(k * m, 2);
  const std::vector<Number> want =
      product(kept(weight, n, k, storage), n, k, {x.data(), m, 1}, m, bias.data());
  const OwnedCsr csr(weight.data(), n, k);
  for (const Isa isa : isas_to_test()) {
    if (!has_way(isa, nr, pattern)) continue;
    const std::string what = std::string(isa_name(isa)) + " n=" + std::to_string(n) +
                             " k=" + std::to_string(k) + " nr=" + std::to_string(nr) +
                             " m=" + std::to_string(m) + " " + storage_name(storage);
    const PackedSpmm packed(csr.view(), bias.data(), nr, pattern, block_k_for(csr.view(), isa, nr, pattern),
                            storage);
    EXPECT_EQ(packed.n(), n);
    EXPECT_EQ(packed.k(), k);
    const size_t lanes = spmm_lanes(isa, m), stride = (m + lanes - 1) / lanes * lanes;
    std::vector<float> a = normal((k + 1) * stride, 3);
    for (size_t i = 0; i < k; ++i) std::copy_n(x.data() + i * m, m, a.data() + i * stride);
    Guarded c(packed.padded_n() * stride);
    Guarded scratch(spmm_chunks_scratch_floats(packed, packed.chunks()));
    const RowsSource source(a.data(), stride, packed.panel_pays(stride), isa);
    spmm_chunks(packed, isa, source, packed.bias(), 0, packed.chunks(), 0, m, c.data(), stride, -1, kInfinity,
                scratch.data());
    EXPECT_TRUE(c.intact() && scratch.intact()) << what;
    for (size_t o = 0; o < n; ++o)
      ASSERT_TRUE(close(c.data() + o * stride, want.data() + o * m, m, -1)) << what << ": output " << o;
  }
}

TEST(PackedSpmm, agrees_for_every_tile_and_pattern) {
  for (const auto& [nr, pattern] : kAllWays)
    // m_lt_mr, m_eq_mr, m_gt_mr of every tile; n_div_nr and n_not_div_nr
    for (const size_t m : {1, 5, 8, 9, 16, 24, 31, 32, 33, 48, 64, 80, 96, 97, 112, 200})
      for (const size_t n : {8, 11})
        for (const Storage storage : kStorages) {
          check_product(n, 20, 0.3, nr, pattern, m, storage);
          if (HasFatalFailure()) return;
        }
}

TEST(PackedSpmm, agrees_on_random_shapes) {
  std::mt19937_64 random(seed() + 77);
  for (int i = 0; i < 100; ++i) {
    const size_t n = 1 + random() % 70, k = random() % (i % 4 == 0 ? 600 : 60), m = 1 + random() % 130;
    const double density = double(random() % 11) / 10;
    const auto& [nr, pattern] = kAllWays[random() % std::size(kAllWays)];
    check_product(n, k, density, nr, pattern, m, kStorages[i % 3]);
    if (HasFatalFailure()) return;
  }
}

TEST(PackedSpmm, agrees_for_every_number_of_columns) {
  for (const auto& [nr, pattern] : kAllWays) {
    for (size_t m = 2; m <= 40; ++m) check_product(9, 21, 0.3, nr, pattern, m, Storage::kFloat32);
    for (const size_t m : {4095, 4096}) check_product(3, 5, 0.5, nr, pattern, m, Storage::kFloat32);
    if (HasFatalFailure()) return;
  }
}

TEST(PackedSpmm, agrees_at_the_borders_of_blocks) {
  for (const auto& [nr, pattern] : kAllWays)
    for (const size_t k : {0, 1, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2049})
      for (const Storage storage : kStorages) {
        check_product(13, k, 0.2, nr, pattern, 17, storage);
        if (HasFatalFailure()) return;
      }
}

TEST(PackedSpmm, agrees_at_the_borders_of_chunks) {
  for (const auto& [nr, pattern] : kAllWays)
    for (const size_t n : {255, 256, 257, 511, 512, 513})
      for (const Storage storage : kStorages) {
        check_product(n, 300, 0.1, nr, pattern, 9, storage);
        if (HasFatalFailure()) return;
      }
}

TEST(PackedSpmm, keeps_the_sums_of_several_dense_tiles) {
  for (const unsigned nr : {1, 2, 4, 8})
    for (const size_t m : {95, 104, 201}) {
      check_product(261, 270, 0.9, nr, kSpmmDense, m, Storage::kFloat32);
      if (HasFatalFailure()) return;
    }
}

TEST(PackedSpmm, drops_stored_zeros_and_keeps_nan) {
  const std::vector<int32_t> offsets = {0, 3, 4}, columns = {0, 1, 4, 2};
  const std::vector<float> values = {1, 0, kNan, -0.0f};
  const CsrView csr{2, 5, offsets.data(), columns.data(), values.data()};
  const PackedSpmm one(csr, nullptr, 1, kSpmmSparse, 256);
  EXPECT_EQ(one.stored(), 2u);
  EXPECT_FALSE(one.has_zeros());
  const PackedSpmm two(csr, nullptr, 2, kSpmmSparse, 256);
  EXPECT_EQ(two.stored(), 4u);  // columns 0 and 4, both outputs
  EXPECT_TRUE(two.has_zeros());
  EXPECT_EQ(PackedSpmm(csr, nullptr, 1, kSpmmDense, 256).stored(), 10u);
}

TEST(PackedSpmm, drops_weights_that_int8_rounds_to_zero) {
  const std::vector<float> weight = {127, 0.4f, -0.6f, 0, 0, 0};
  const OwnedCsr csr(weight.data(), 2, 3);
  const PackedSpmm packed(csr.view(), nullptr, 1, kSpmmSparse, 256, Storage::kInt8);
  EXPECT_EQ(packed.stored(), 2u);
  EXPECT_EQ(packed.storage(), Storage::kInt8);
  size_t groups;
  const SpmmBlock block = packed.block(0, 0, &groups);
  EXPECT_EQ(static_cast<const int8_t*>(block.values)[0], 127);
  EXPECT_EQ(static_cast<const int8_t*>(block.values)[1], -1);
  EXPECT_EQ(block.scales[0], 1);
  EXPECT_EQ(block.scales[1], 0);
}

TEST(PackedSpmm, takes_the_bytes_of_its_storage) {
  const std::vector<float> weight = sparse(64, 256, 0.5, 3);
  const OwnedCsr csr(weight.data(), 64, 256);
  const auto packed = [&](Storage storage) {
    return PackedSpmm(csr.view(), nullptr, 1, kSpmmSparse, 256, storage);
  };
  const size_t stored = packed(Storage::kFloat32).stored();
  EXPECT_EQ(packed(Storage::kFloat32).bytes() - packed(Storage::kBfloat16).bytes(), 2 * stored);
  const PackedSpmm int8 = packed(Storage::kInt8);
  EXPECT_EQ(packed(Storage::kFloat32).bytes() - int8.bytes(),
            5 * stored - 2 * int8.stored() - 64 * sizeof(float));
}

TEST(PackedSpmm, calls_a_weight_without_zeros_full_even_where_outputs_are_padded) {
  const std::vector<float> weight(3 * 5, 1.0f);
  const OwnedCsr csr(weight.data(), 3, 5);
  for (const SpmmPattern pattern : {kSpmmSparse, kSpmmDense}) {
    const PackedSpmm packed(csr.view(), nullptr, 4, pattern, 256);
    EXPECT_FALSE(packed.has_zeros());
    EXPECT_EQ(packed.padded_n(), 4u);
    EXPECT_EQ(packed.bias()[3], 0);
  }
}

TEST(PackedSpmm, groups_of_four_read_activations_in_place_more_often_unless_they_are_far) {
  // 25 groups of four with all inputs: each is read 25 times.
  constexpr size_t kOutputs = 100, kInputs = 64, kFar = PackedSpmm::kFarBytes / (kInputs * sizeof(float));
  const auto pays = [](unsigned nr, SpmmPattern pattern, size_t outputs, size_t stride) {
    const OwnedCsr csr(normal(outputs * kInputs, 1).data(), outputs, kInputs);
    return PackedSpmm(csr.view(), nullptr, nr, pattern, kInputs).panel_pays(stride);
  };
  EXPECT_FALSE(pays(4, kSpmmSparse, kOutputs, kFar));
  EXPECT_TRUE(pays(4, kSpmmSparse, kOutputs, kFar + 16));
  EXPECT_TRUE(pays(4, kSpmmSparse, 2 * kOutputs, kFar));
  EXPECT_FALSE(pays(4, kSpmmSparse, kOutputs / 2, kFar + 16));
  EXPECT_TRUE(pays(4, kSpmmDense, kOutputs, kFar));
  EXPECT_TRUE(pays(8, kSpmmSparse, 2 * kOutputs, kFar));
  EXPECT_TRUE(pays(1, kSpmmSparse, kOutputs, kFar));
}

TEST(PackedSpmm, orders_groups_by_falling_counts_inside_a_chunk) {
  const std::vector<float> weight = sparse(600, 300, 0.1, 9);
  const PackedSpmm packed(OwnedCsr(weight.data(), 600, 300).view(), nullptr, 2, kSpmmSparse, 256);
  ASSERT_EQ(packed.chunks(), 4u);
  ASSERT_EQ(packed.blocks(), 2u);
  for (size_t b = 0; b < packed.blocks(); ++b)
    for (size_t chunk = 0; chunk < packed.chunks(); ++chunk) {
      size_t groups;
      const SpmmBlock block = packed.block(b, chunk, &groups);
      const auto* columns = static_cast<const SpmmColumn<2>*>(block.columns);
      EXPECT_EQ(groups, chunk < 3 ? 76u : 72u);
      std::vector<bool> seen(groups);
      for (size_t g = 0; g < groups; ++g) {
        const uint32_t count = block.offsets[g + 1] - block.offsets[g];
        EXPECT_LE(count, g == 0 ? count : block.offsets[g] - block.offsets[g - 1]);
        ASSERT_GE(block.outputs[g], chunk * packed.chunk_outputs());
        ASSERT_LT(block.outputs[g] - chunk * packed.chunk_outputs(), 2 * groups);
        seen[(block.outputs[g] - chunk * packed.chunk_outputs()) / 2] = true;
        for (uint32_t p = block.offsets[g]; p + 1 < block.offsets[g + 1]; ++p)
          ASSERT_LT(columns[p], columns[p + 1]);
      }
      EXPECT_EQ(std::count(seen.begin(), seen.end(), true), long(groups));
    }
}

TEST(PackedSpmm, blocks_and_chunks_of_a_weight_are_as_large_as_each_other) {
  const auto packed = [](size_t n, size_t k, unsigned nr, SpmmPattern pattern) {
    const OwnedCsr csr(sparse(n, k, 0.1, 1).data(), n, k);
    return PackedSpmm(csr.view(), nullptr, nr, pattern, block_k_for(csr.view(), Isa::kScalar, nr, pattern));
  };
  // Blocks of whole squares of 8, no larger than one of 256 inputs, or 512 in slices of eight.
  const PackedSpmm mnist = packed(300, 784, 1, kSpmmSparse);
  ASSERT_EQ(mnist.blocks(), 4u);
  EXPECT_EQ(mnist.block_size(0), 200u);
  EXPECT_EQ(mnist.block_size(3), 184u);
  EXPECT_EQ(packed(8, 1024, 1, kSpmmSparse).block_size(0), 256u);
  EXPECT_EQ(packed(8, 784, 8, kSpmmSlices).block_size(0), 392u);
  EXPECT_EQ(packed(8, 784, 4, kSpmmSlices).block_size(0), 200u);
  EXPECT_EQ(packed(8, 784, 4, kSpmmDense).block_size(0), 200u);
  EXPECT_EQ(packed(8, 5, 1, kSpmmSparse).block_size(0), 5u);
  // An even number of chunks of whole slices, or one.
  EXPECT_EQ(mnist.chunks(), 2u);
  EXPECT_EQ(mnist.chunk_outputs(), 152u);
  const size_t counts[][3] = {{1, 256, 1}, {255, 256, 1}, {256, 128, 2}, {768, 192, 4}, {1024, 256, 4}};
  for (const auto& [n, outputs, chunks] : counts) {
    const PackedSpmm weight = packed(n, 16, 1, kSpmmSparse);
    EXPECT_EQ(weight.chunk_outputs(), outputs) << n;
    EXPECT_EQ(weight.chunks(), chunks) << n;
  }
}

TEST(PackedSpmm, slices_have_the_outputs_of_a_chunk_once_each_and_pad_the_shorter_ones) {
  const size_t n = 300, k = 600;
  const std::vector<float> weight = sparse(n, k, 0.1, 9);
  const OwnedCsr csr(weight.data(), n, k);
  for (const size_t nr : {8, 4}) {
    const PackedSpmm packed(csr.view(), nullptr, unsigned(nr), kSpmmSlices, 304);
    ASSERT_EQ(packed.blocks(), 2u);
    ASSERT_EQ(packed.chunks(), 2u);
    EXPECT_FALSE(packed.has_zeros()) << "what is padded meets a row of zeros";
    EXPECT_GT(packed.stored(), size_t(csr.offsets[n]));
    EXPECT_LT(packed.stored(), size_t(csr.offsets[n]) * 11 / 10);
    for (size_t b = 0; b < packed.blocks(); ++b)
      for (size_t chunk = 0; chunk < packed.chunks(); ++chunk) {
        size_t groups;
        const SpmmBlock block = packed.block(b, chunk, &groups);
        EXPECT_EQ(groups, (chunk == 0 ? 152 : 148 + nr - 4) / nr);
        std::vector<int> seen(groups * nr);
        for (size_t i = 0; i < groups * nr; ++i) ++seen.at(block.outputs[i] - chunk * packed.chunk_outputs());
        EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), long(groups * nr));
        for (size_t g = 1; g < groups; ++g)
          EXPECT_LE(block.offsets[g + 1] - block.offsets[g], block.offsets[g] - block.offsets[g - 1]);
      }
  }
}

TEST(PackedSpmm, outputs_that_share_nothing_are_slices_where_activations_are_copied) {
  const auto way = [](size_t n, double density, Isa isa, bool copied) {
    const OwnedCsr csr(sparse(n, 100, density, 1).data(), n, 100);
    return unstructured_way(csr.view(), isa, copied);
  };
  for (const Isa isa : isas_to_test()) {
    const bool wide = isa == Isa::kAvx2Fma;
    for (const bool copied : {false, true}) {
      const SpmmWay often = way(200, 0.1, isa, copied);
      EXPECT_EQ(often.pattern, wide ? kSpmmSlices : kSpmmSparse) << isa_name(isa);
      EXPECT_EQ(often.nr, wide ? 4u : 1u) << isa_name(isa);
      const SpmmWay rarely = way(40, 0.1, isa, copied);
      EXPECT_EQ(rarely.pattern, wide && copied ? kSpmmSlices : kSpmmSparse) << isa_name(isa);
    }
    EXPECT_EQ(way(0, 0, isa, false).nr, 1u);
  }
}

TEST(PackedSpmm, results_do_not_depend_on_the_ranges_of_columns_and_chunks) {
  const size_t n = 260, k = 600, m = 112;
  const std::vector<float> weight = sparse(n, k, 0.2, 1), a = normal(k * m, 2);
  const OwnedCsr csr(weight.data(), n, k);
  for (const Isa isa : isas_to_test())
    for (const auto& [nr, pattern] : kAllWays) {
      if (!has_way(isa, nr, pattern)) continue;
      const PackedSpmm packed(csr.view(), nullptr, nr, pattern, block_k_for(csr.view(), isa, nr, pattern));
      ASSERT_GT(packed.blocks(), 1u);
      ASSERT_EQ(packed.chunks(), 2u);
      const RowsSource source(a.data(), m, packed.panel_pays(m), isa);
      std::vector<float> whole(packed.padded_n() * m), parts(whole.size());
      const auto run = [&](size_t first, size_t last, size_t begin, size_t end, std::vector<float>* c) {
        Guarded scratch(spmm_chunks_scratch_floats(packed, last - first));
        spmm_chunks(packed, isa, source, packed.bias(), first, last, begin, end, c->data(), m, -kInfinity,
                    kInfinity, scratch.data());
        EXPECT_TRUE(scratch.intact());
      };
      run(0, 2, 0, m, &whole);
      for (size_t begin = 0; begin < m; begin += 16)
        for (const size_t chunk : {1, 0}) run(chunk, chunk + 1, begin, begin + 16, &parts);
      EXPECT_TRUE(same_bits(whole, parts)) << isa_name(isa) << " nr=" << nr << " pattern=" << int(pattern);
    }
}

}  // namespace
}  // namespace tfjs_sparse
