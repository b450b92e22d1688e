#include "kernels/spmm/spmm.h"

#include <algorithm>
#include <numeric>

#include "numbers.h"
#include "session/stored_weights.h"
#include "stored.h"

namespace tfjs_sparse {
namespace {

using namespace test;

/// One K block of a weight [n][k] that the kernel's storage holds, packed as kernels/spmm/spmm.h says.
struct Packed {
  Packed(const std::vector<float>& weight, size_t n, size_t k, const SpmmKernel& kernel)
      : groups((n + kernel.nr - 1) / kernel.nr) {
    if (kernel.pattern == kSpmmSlices)
      pack_slices(weight, n, k, kernel.nr);
    else
      pack_groups(weight, n, k, kernel);
    is_dense = kernel.pattern == kSpmmDense;
    // In memory that ends with them: the address sanitizer sees the first element too many.
    const StoredWeights elements(values, kernel.storage);
    stored.assign(static_cast<const uint8_t*>(elements.at(0)),
                  static_cast<const uint8_t*>(elements.at(elements.size())));
  }
  void add_column(size_t column, size_t bytes) {
    const auto low_first = static_cast<uint16_t>(column);  // as all ISAs have it
    const auto* first = reinterpret_cast<const uint8_t*>(&low_first);
    columns.insert(columns.end(), first, first + bytes);
  }
  void pack_slices(const std::vector<float>& weight, size_t n, size_t k, size_t nr) {
    std::vector<std::vector<size_t>> used(groups * nr);
    for (size_t o = 0; o < n; ++o)
      for (size_t c = 0; c < k; ++c)
        if (weight[o * k + c] != 0) used[o].push_back(c);
    outputs.resize(groups * nr);
    std::iota(outputs.begin(), outputs.end(), 0u);
    std::stable_sort(outputs.begin(), outputs.end(),
                     [&](uint32_t a, uint32_t b) { return used[a].size() > used[b].size(); });
    for (size_t g = 0; g < groups; ++g) {
      offsets.push_back(entries);
      const size_t steps = used[outputs[nr * g]].size();
      for (size_t step = 0; step < steps; ++step)
        for (size_t i = nr * g; i < nr * g + nr; ++i) {
          const bool has = step < used[outputs[i]].size();
          const size_t column = has ? used[outputs[i]][step] : 0;
          add_column(column * kSpmmSliceUnit * sizeof(float), 2);
          values.push_back(has ? weight[outputs[i] * k + column] : 0);
        }
      entries += static_cast<uint32_t>(steps);
    }
    offsets.push_back(entries);
  }
  void pack_groups(const std::vector<float>& weight, size_t n, size_t k, const SpmmKernel& kernel) {
    std::vector<std::vector<uint16_t>> used(groups);
    for (size_t g = 0; g < groups; ++g)
      for (size_t c = 0; c < k; ++c) {
        bool any = kernel.pattern == kSpmmDense;
        for (size_t o = g * kernel.nr; o < std::min(n, (g + 1) * kernel.nr); ++o)
          any = any || weight[o * k + c] != 0;
        if (any) used[g].push_back(static_cast<uint16_t>(c));
      }
    std::vector<uint32_t> order(groups);
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return used[a].size() > used[b].size(); });
    for (const uint32_t g : order) {
      offsets.push_back(entries);
      entries += static_cast<uint32_t>(used[g].size());
      outputs.push_back(g * kernel.nr);
      for (const uint16_t c : used[g]) {
        add_column(c, spmm_column_bytes(kernel.nr));
        for (size_t o = g * kernel.nr; o < (g + 1) * kernel.nr; ++o)
          values.push_back(o < n ? weight[o * k + c] : 0.0f);
      }
    }
    offsets.push_back(entries);
    // Those that a kernel may read ahead lead nowhere.
    for (size_t i = 0; i < kSpmmColumnsAhead; ++i) add_column(0xffff, spmm_column_bytes(kernel.nr));
  }
  SpmmBlock view(const std::vector<float>& scales) const {
    return {offsets.data(), outputs.data(), is_dense ? nullptr : columns.data(), stored.data(),
            scales.data()};
  }

  size_t groups;
  uint32_t entries = 0;
  bool is_dense;
  std::vector<uint32_t> offsets, outputs;
  std::vector<uint8_t> columns, stored;
  std::vector<float> values;
};

struct Case {
  size_t n = 24, k = 40;
  double density = 0.4;
  size_t extra_a = 0, extra_c = 0, offset = 0;
  float min = -kInfinity, max = kInfinity;
  bool first = true, last = true;
};

class SpmmKernels : public testing::TestWithParam<SpmmKernel> {
 protected:
  const SpmmKernel& kernel() const { return GetParam(); }

  /// Runs the kernel on random data and compares every output with the sum in double precision.
  void check(const Case& c) { check(c, sparse(c.n, c.k, c.density, 1000 * c.n + c.k)); }
  void check(Case c, const std::vector<float>& weight) {
    if (kernel().pattern == kSpmmSlices) c.extra_a = 0;
    check(c, weight, normal(c.k * (kernel().mr + c.extra_a), 7));
  }
  void check(const Case& c, const std::vector<float>& values, const std::vector<float>& a_values) {
    if (!runs_here(kernel().isa)) GTEST_SKIP() << isa_name(kernel().isa);
    const size_t mr = kernel().mr, a_stride = mr + c.extra_a, c_stride = mr + c.extra_c;
    const std::vector<float> weight = storable(values, kernel().storage);
    const Packed packed(weight, c.n, c.k, kernel());
    const size_t padded_n = packed.groups * kernel().nr;
    const std::vector<float> scales = some_scales(padded_n, kernel().storage);
    std::vector<float> bias = normal(padded_n, 3);
    const std::vector<float> start = normal(padded_n * mr, 5);
    const Exact a(a_values, c.offset);
    Guarded out(padded_n * c_stride, c.offset);
    const SpmmTile tile{a.data(),    a_stride,      out.data(), c_stride, start.data(), mr,
                        bias.data(), packed.groups, c.first,    c.last,   c.min,        c.max};
    kernel().function(tile, packed.view(scales));
    // Where weights come from changes nothing but what is asked for ahead.
    Guarded far_out(padded_n * c_stride, c.offset);
    SpmmTile far_tile = tile;
    far_tile.c = far_out.data();
    far_tile.far = true;
    kernel().function(far_tile, packed.view(scales));
    EXPECT_TRUE(far_out.intact());
    for (size_t o = 0; o < padded_n; ++o)
      for (size_t m = 0; m < mr; ++m)
        ASSERT_TRUE(same_bits({out[o * c_stride + m]}, {far_out[o * c_stride + m]}));
    for (size_t o = 0; o < c.n; ++o)
      for (size_t m = 0; m < mr; ++m) {
        Sum sum({!c.first ? start[o * mr + m] : scales.empty() ? bias[o] : 0, 0});
        for (size_t i = 0; i < c.k; ++i)
          if (weight[o * c.k + i] != 0) sum.add(weight[o * c.k + i], {a[i * a_stride + m], 0});
        const Number want = c.last ? ended(sum, scales, o, bias[o]).clamped(c.min, c.max) : sum.result();
        ASSERT_TRUE(close(out[o * c_stride + m], want)) << "output " << o << ", column " << m;
      }
    EXPECT_TRUE(out.intact());
    for (size_t o = 0; o < padded_n; ++o)
      for (size_t m = mr; m < c_stride; ++m) ASSERT_TRUE(out.untouched(o * c_stride + m));
  }
};

TEST_P(SpmmKernels, literal) {
  if (!runs_here(kernel().isa)) GTEST_SKIP() << isa_name(kernel().isa);
  // C = [[2, 0, -1], [0, 3, 0]] · A + [10, 20], with A[k][m] = 100 k + m.
  const std::vector<float> weight = {2, 0, -1, 0, 3, 0};
  const Packed packed(weight, 2, 3, kernel());
  const size_t mr = kernel().mr, padded_n = packed.groups * kernel().nr;
  std::vector<float> a(3 * mr), c(padded_n * mr), bias(padded_n);
  for (size_t k = 0; k < 3; ++k)
    for (size_t m = 0; m < mr; ++m) a[k * mr + m] = static_cast<float>(100 * k + m);
  bias[0] = 10;
  bias[1] = 20;
  const SpmmTile tile{a.data(),      mr,   c.data(), mr,         nullptr,  0, bias.data(),
                      packed.groups, true, true,     -kInfinity, kInfinity};
  const float scale = is_scaled(kernel().storage) ? 0.25f : 1;
  kernel().function(tile, packed.view(std::vector<float>(padded_n, scale)));
  for (size_t m = 0; m < mr; ++m) {
    EXPECT_EQ(c[m], 10 + scale * (2 * float(m) - (200 + float(m))));
    EXPECT_EQ(c[mr + m], 20 + scale * 3 * (100 + float(m)));
  }
}

TEST_P(SpmmKernels, n_div_nr) { check({}); }
TEST_P(SpmmKernels, n_not_div_nr) {
  // Every count of groups past a multiple of the groups that run side by side.
  for (size_t n = 1; n <= 19; ++n) check({n, 33});
}
TEST_P(SpmmKernels, k_zero) { check({5, 0}); }
TEST_P(SpmmKernels, k_one) { check({5, 1, 1.0}); }
TEST_P(SpmmKernels, k_largest) { check({16, spmm_max_block_k(kernel().nr), 0.3}); }
TEST_P(SpmmKernels, empty_row) {
  std::vector<float> weight = sparse(24, 40, 0.5, 11);
  for (const size_t o : {0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 23})
    std::fill_n(weight.data() + o * 40, 40, 0.0f);
  check({}, weight);
}
TEST_P(SpmmKernels, all_zero) { check({}, std::vector<float>(24 * 40)); }
TEST_P(SpmmKernels, all_dense) { check({24, 40, 1.0}); }
TEST_P(SpmmKernels, uneven_rows) {
  std::vector<float> weight(24 * 40);
  for (size_t o = 0; o < 24; ++o) std::fill_n(weight.data() + o * 40, (o * 7) % 40, 0.5f + float(o));
  check({}, weight);
}
TEST_P(SpmmKernels, strided) { check({24, 40, 0.4, 13, 5}); }
TEST_P(SpmmKernels, unaligned) {
  for (const size_t offset : {1, 3, 15}) check({24, 40, 0.4, 1, 3, offset});
}
TEST_P(SpmmKernels, clamp_low) { check({24, 40, 0.4, 0, 0, 0, 0.25f, kInfinity}); }
TEST_P(SpmmKernels, clamp_high) { check({24, 40, 0.4, 0, 0, 0, -kInfinity, 0.5f}); }
TEST_P(SpmmKernels, clamp_both) { check({24, 40, 0.4, 0, 0, 0, 0, 6}); }
TEST_P(SpmmKernels, first_block) { check({24, 40, 0.4, 0, 0, 0, 0, 1, true, false}); }
TEST_P(SpmmKernels, middle_block) { check({24, 40, 0.4, 0, 0, 0, 0, 1, false, false}); }
TEST_P(SpmmKernels, last_block) { check({24, 40, 0.4, 0, 0, 0, 0, 1, false, true}); }

TEST_P(SpmmKernels, nan_in) {
  // What meets a kept weight gets through, clamp or not. Whole groups are kept here, since a vector kernel
  // is only called on such when activations are not finite; the scalar one stands a zero in a group as well.
  std::vector<float> weight(24 * 40);
  const bool is_scalar = kernel().isa == Isa::kScalar;
  for (size_t o = 0; o < 24; ++o)
    for (size_t i = 0; i < 40; ++i)
      if (!is_scalar && kernel().pattern == kSpmmDense ? true : (o / 8 + i) % 3 == 0)
        weight[o * 40 + i] = float(1 + (o + i) % 5);
  if (is_scalar) weight[3 * 40 + 3] = 0;
  const size_t mr = kernel().mr;
  std::vector<float> a = normal(40 * mr, 7);
  a[3 * mr + 1] = kNan;
  a[6 * mr + 2] = kInfinity;
  a[9 * mr + 2] = -kInfinity;
  a[4 * mr + mr - 1] = -kInfinity;
  check({}, weight, a);
  check({24, 40, 0, 0, 0, 0, 0, 6}, weight, a);
}

std::vector<SpmmKernel> all_kernels() {
  size_t count;
  const SpmmKernel* kernels = spmm_kernels(&count);
  return {kernels, kernels + count};
}
INSTANTIATE_TEST_SUITE_P(Spmm, SpmmKernels, testing::ValuesIn(all_kernels()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ChooseSpmm, takes_the_widest_tile_that_the_columns_fill) {
  for (const Isa isa : isas_to_test())
    for (const unsigned nr : {1, 2, 4, 8})
      for (const SpmmPattern pattern : {kSpmmSparse, kSpmmDense, kSpmmSlices})
        for (size_t i = 0; i <= 3 * 2 * kSpmmMaxMr; ++i) {
          const Storage storage = kStorages[i % 3];
          const size_t columns = i / 3;
          // Half of AVX-512's registers would be empty.
          const Isa tiles = isa == Isa::kAvx512 && columns <= 8 ? Isa::kAvx2Fma : isa;
          const bool wide_slices = tiles == Isa::kScalar || tiles == Isa::kAvx2Fma;
          const SpmmKernel* kernel = choose_spmm(isa, nr, pattern, columns, storage);
          if (pattern == kSpmmSlices && nr != 8 && !(nr == 4 && wide_slices)) {
            ASSERT_EQ(kernel, nullptr);
            continue;
          }
          ASSERT_NE(kernel, nullptr);
          EXPECT_EQ(kernel->storage, storage);
          EXPECT_EQ(kernel->nr, nr);
          EXPECT_EQ(kernel->pattern, pattern);
          EXPECT_EQ(kernel->isa, tiles);
          const size_t lanes = isa == Isa::kNeon ? 4 : tiles == Isa::kAvx512 ? 16 : 8;
          const size_t whole = (columns + lanes - 1) / lanes * lanes;
          size_t widest = 0, narrowest = kSpmmMaxMr;
          for (const SpmmKernel& other : all_kernels()) {
            if (other.isa != tiles || other.nr != nr || other.pattern != pattern || other.storage != storage)
              continue;
            // 32 columns of slices are 16 and 16, not 24 and 8.
            const bool leaves_one =
                pattern == kSpmmSlices && other.mr > 2 * lanes && whole == other.mr + lanes;
            if (other.mr <= whole && !leaves_one) widest = std::max<size_t>(widest, other.mr);
            narrowest = std::min<size_t>(narrowest, other.mr);
          }
          EXPECT_EQ(kernel->mr, widest != 0 ? widest : narrowest) << "columns = " << columns;
        }
}

TEST(ChooseSpmm, has_no_kernel_for_another_nr) {
  for (const unsigned nr : {0, 3, 5, 16}) EXPECT_EQ(choose_spmm(Isa::kScalar, nr, kSpmmSparse, 64), nullptr);
}

TEST(ChooseSpmm, tiles_are_whole_lanes_and_a_panel_fits_the_cache) {
  for (const Isa isa : isas_to_test()) {
    const size_t lanes = spmm_lanes(isa, kSpmmMaxMr);
    for (const SpmmKernel& kernel : all_kernels())
      if (kernel.isa == isa) {
        EXPECT_EQ(kernel.mr % lanes, 0u) << kernel.name;
        EXPECT_LE(kernel.mr, kSpmmMaxMr) << kernel.name;
      }
    EXPECT_EQ(16 % lanes, 0u);  // buffers are padded to 16 columns
    for (size_t columns = 1; columns <= 200; ++columns) {
      const size_t own = spmm_lanes(isa, columns);
      EXPECT_EQ(own, isa == Isa::kAvx512 && columns <= 8 ? 8 : lanes) << columns << " on " << isa_name(isa);
      // The tiles of all the columns, one after the other, end where the caller made room.
      size_t end = 0;
      while (end < columns) end += choose_spmm(isa, 4, kSpmmDense, columns - end)->mr;
      EXPECT_LE(end, (columns + own - 1) / own * own) << columns << " on " << isa_name(isa);
    }
    EXPECT_LE(spmm_block_k(isa) * choose_spmm(isa, 1, kSpmmSparse, kSpmmMaxMr)->mr * sizeof(float),
              32u * 1024);
  }
}

TEST(SpmmBlockK, grows_for_wide_groups_with_few_entries_and_stays_within_a_column) {
  for (const Isa isa : isas_to_test()) {
    const size_t least = spmm_block_k(isa);
    for (const unsigned nr : {1, 2, 4, 8}) {
      EXPECT_EQ(spmm_block_k(isa, nr, 1), least) << isa_name(isa);
      size_t denser = least;
      for (const double density : {0.5, 0.3, 0.2, 0.1, 0.01, 0.0}) {
        const size_t block = spmm_block_k(isa, nr, density);
        EXPECT_GE(block, denser) << isa_name(isa) << " nr=" << nr << " density=" << density;
        EXPECT_LE(block, spmm_max_block_k(nr));
        denser = block;
      }
      EXPECT_EQ(denser > least, nr >= kSpmmWideNr) << isa_name(isa) << " nr=" << nr;
    }
  }
}

TEST(SpmmKernelTable, names_say_format_tile_and_instruction_set) {
  for (const SpmmKernel& kernel : all_kernels()) {
    const char* type = kernel.storage == Storage::kInt8       ? "i8"
                       : kernel.storage == Storage::kBfloat16 ? "bf16"
                                                              : "f32";
    const char* format = kernel.pattern == kSpmmDense    ? "dense"
                         : kernel.pattern == kSpmmSlices ? "slices"
                         : kernel.nr == 1                ? "csr"
                                                         : "bsr";
    EXPECT_EQ(kernel.name, std::string("spmm_") + format + "_" + type + "_minmax_" +
                               std::to_string(kernel.mr) + "x" + std::to_string(kernel.nr) + "__" +
                               isa_name(kernel.isa));
  }
}

}  // namespace
}  // namespace tfjs_sparse
