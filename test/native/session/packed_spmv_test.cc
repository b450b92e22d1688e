#include "session/packed_spmv.h"

#include <algorithm>

#include "numbers.h"
#include "session/owned_csr.h"
#include "stored.h"

namespace tfjs_sparse {
namespace {

using namespace test;

std::vector<SpmvKernel> kernels_here() {
  size_t count;
  const SpmvKernel* kernels = spmv_kernels(&count);
  std::vector<SpmvKernel> here;
  for (size_t i = 0; i < count; ++i)
    if (runs_here(kernels[i].isa)) here.push_back(kernels[i]);
  return here;
}

/// y of a packed weight against double precision, slices in one go and one by one.
void check_product(const SpmvKernel& kernel, const CsrView& csr, const std::vector<float>& x_values,
                   bool scalar = false) {
  const std::vector<float> bias = normal(csr.rows, 1);
  const PackedSpmv packed(csr, bias.data(), kernel);
  const RoundedCsr rounded(csr, kernel.storage);
  std::vector<float> padded = x_values;
  padded.resize(packed.padded_k(), kNan);  // what lies past k must not matter
  const Exact x(padded);
  Guarded whole(packed.padded_n()), parts(packed.padded_n());
  packed.run({x.data(), whole.data()}, packed.bias(), 0, packed.slices(), -1, kInfinity, scalar);
  for (size_t s = packed.slices(); s-- > 0;)
    packed.run({x.data(), parts.data()}, packed.bias(), s, s + 1, -1, kInfinity, scalar);
  EXPECT_TRUE(whole.intact() && parts.intact()) << kernel.name;
  EXPECT_TRUE(
      same_bits({whole.data(), whole.data() + whole.size()}, {parts.data(), parts.data() + parts.size()}));
  for (size_t o = 0; o < csr.rows; ++o) {
    Sum sum({bias[o], 0});
    for (int32_t p = csr.row_offsets[o]; p < csr.row_offsets[o + 1]; ++p) {
      const double scale = rounded.scales().empty() ? 1 : double(rounded.scales()[o]);
      const double value = rounded.view().values[p];
      if (value != 0) sum.add(scale * value, {x[size_t(csr.col_indices[p])], 0});
    }
    ASSERT_TRUE(close(whole[o], sum.clamped(-1, kInfinity)))
        << kernel.name << " " << csr.rows << "x" << csr.cols << ", output " << o;
  }
  if (kernel.pattern != kSpmvDense) {
    EXPECT_EQ(PackedSpmv::count_slots(rounded.view(), kernel), packed.stored()) << kernel.name;
  }
}

TEST(PackedSpmv, agrees_on_random_shapes) {
  std::mt19937_64 random(seed() + 78);
  for (int i = 0; i < 60; ++i) {
    const size_t n = 1 + random() % 150, k = random() % (i % 4 == 0 ? 900 : 70);
    const std::vector<float> weight = sparse(n, k, double(random() % 11) / 10, random());
    const OwnedCsr csr(weight.data(), n, k);
    for (const SpmvKernel& kernel : kernels_here()) check_product(kernel, csr.view(), normal(k, random()));
    if (HasFatalFailure()) return;
  }
}

TEST(PackedSpmv, agrees_for_every_kernel_and_size) {
  const std::vector<SpmvKernel> kernels = kernels_here();
  for (const size_t n : {1, 7, 8, 9, 16, 17, 63, 64, 65, 130})
    for (const size_t k : {0, 1, 5, 15, 16, 17, 31, 32, 33, 257})
      for (const double density : {0.0, 0.1, 0.5, 1.0}) {
        const std::vector<float> weight = sparse(n, k, density, n * 1000 + k);
        const OwnedCsr csr(weight.data(), n, k);
        for (const SpmvKernel& kernel : kernels) check_product(kernel, csr.view(), normal(k, 2));
        if (HasFatalFailure()) return;
      }
}

TEST(PackedSpmv, agrees_for_rows_of_very_different_lengths) {
  for (const SpmvKernel& kernel : kernels_here()) {
    std::vector<float> weight(70 * 200);
    for (size_t o = 0; o < 70; ++o)
      std::fill_n(weight.data() + o * 200, o % 3 == 0 ? 0 : (o * 13) % 200, 1.0f);
    check_product(kernel, OwnedCsr(weight.data(), 70, 200).view(), normal(200, 2));
    std::reverse(weight.begin(), weight.end());
    check_product(kernel, OwnedCsr(weight.data(), 70, 200).view(), normal(200, 2));
  }
}

TEST(PackedSpmv, crosses_gaps_that_one_offset_cannot) {
  // An offset is 16 bits: 65,535 inputs. Weights before, at and after one, two and three of them, and at the
  // end.
  const size_t cols = 300000;
  const std::vector<float> x = normal(cols, 3);
  for (const SpmvKernel& kernel : kernels_here()) {
    if (kernel.pattern == kSpmvDense) continue;
    for (const int32_t far : {65534, 65535, 65536, 65551, 65567, 131069, 131070, 131071, 131072, 196604,
                              196605, 196606, 196640, 299968, 299998}) {
      const std::vector<int32_t> offsets = {0, 1, 4, 5, 5, 7},
                                 columns = {0, 3, far, far + 1, far, far - 1, 299999};
      const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7};
      check_product(kernel, {5, cols, offsets.data(), columns.data(), values.data()}, x);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(PackedSpmv, agrees_for_weights_larger_than_the_caches) {
  // 3.2 million useful bytes as float32: windows begin at half registers, and values are asked for ahead.
  const size_t n = 65, k = 10001;
  const std::vector<float> weight = sparse(n, k, 1, 4), x = normal(k, 3);
  const OwnedCsr csr(weight.data(), n, k);
  for (const SpmvKernel& kernel : kernels_here()) {
    if (kernel.pattern == kSpmvDense || kernel.storage != Storage::kFloat32) continue;
    check_product(kernel, csr.view(), x);
    if (HasFatalFailure()) return;
  }
}

TEST(PackedSpmv, drops_stored_zeros) {
  const std::vector<int32_t> offsets = {0, 3, 4}, columns = {0, 30, 39, 2};
  const std::vector<float> values = {0, 2, 0, -0.0f};
  const CsrView csr{2, 40, offsets.data(), columns.data(), values.data()};
  for (const SpmvKernel& kernel : kernels_here()) {
    check_product(kernel, csr, normal(40, 1));
    if (kernel.pattern == kSpmvDense) continue;
    EXPECT_EQ(PackedSpmv::count_slots(csr, kernel), kernel.rows * kernel.steps()) << kernel.name;
  }
}

TEST(PackedSpmv, nan_in_meets_only_pruned_weights) {
  for (const SpmvKernel& kernel : kernels_here()) {
    const size_t n = 40, k = 60;
    std::vector<float> weight = sparse(n, k, 0.3, 5), x = normal(k, 1);
    for (size_t o = 0; o < n; ++o) {
      weight[o * k + 9] = o % 2 == 0 ? 0 : 2.0f;
      weight[o * k + 33] = 0;
    }
    x[9] = kInfinity;
    x[33] = kNan;
    check_product(kernel, OwnedCsr(weight.data(), n, k).view(), x, true);
  }
}

TEST(PackedSpmv, a_full_weight_has_no_zeros) {
  for (const SpmvKernel& kernel : kernels_here()) {
    const size_t n = kernel.rows, k = kernel.steps() * kernel.columns;  // whole groups
    std::vector<float> weight(n * k, 1.0f);
    EXPECT_FALSE(PackedSpmv(OwnedCsr(weight.data(), n, k).view(), nullptr, kernel).has_zeros())
        << kernel.name;
    weight[0] = 0;
    EXPECT_TRUE(PackedSpmv(OwnedCsr(weight.data(), n, k).view(), nullptr, kernel).has_zeros()) << kernel.name;
  }
}

}  // namespace
}  // namespace tfjs_sparse
