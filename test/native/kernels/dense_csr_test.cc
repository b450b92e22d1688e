#include "kernels/dense_csr/dense_csr.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/thread_pool.h"
#include "support.h"

namespace tfjs_sparse {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Two thirds zeros of both signs, NaN and infinities among the rest.
std::vector<float> mostly_zeros(size_t n) {
  std::mt19937_64 random(test::seed());
  const float odd[] = {0.5f, -0.25f, kNan, std::numeric_limits<float>::infinity(), 1e-45f, -3};
  std::vector<float> values(n);
  for (float& v : values) v = random() % 3 != 0 ? (random() % 2 != 0 ? 0.0f : -0.0f) : odd[random() % 6];
  return values;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

TEST(DenseCsrKernels, agree_with_scalar) {
  size_t count;
  const DenseCsrKernels* kernels = dense_csr_kernels(&count);
  const DenseCsrKernels& scalar = choose_dense_csr(Isa::kScalar);
  for (const size_t n : {0, 1, 7, 15, 16, 63, 64, 65, 128, 300}) {
    const std::vector<float> line = mostly_zeros(n + 1);
    for (const float tolerance : {0.0f, 0.25f, std::numeric_limits<float>::infinity()}) {
      const int32_t key = magnitude_key(tolerance);
      const float* data = line.data() + 1;  // not aligned to a register
      std::vector<int32_t> want_counts(n, 3), want_at(n + 1, 77), want_next(n), want_columns(2 * n + 1, 77);
      for (size_t i = 0; i < n; ++i) want_next[i] = static_cast<int32_t>(2 * i);
      std::vector<float> want_values(n + 1, 77), want_spread(2 * n + 1, 77);
      const std::vector<int32_t> start = want_next;
      scalar.add_counts(data, n, key, want_counts.data());
      const size_t kept = scalar.fill(data, n, key, want_at.data(), want_values.data());
      scalar.scatter(data, n, key, 5, want_next.data(), want_columns.data(), want_spread.data());
      for (size_t c = 0; c < count; ++c) {
        const DenseCsrKernels& k = kernels[c];
        if (!test::runs_here(k.isa)) continue;
        const std::string which = std::string(k.suffix) + " n=" + std::to_string(n);
        EXPECT_EQ(k.count(data, n, key), kept) << which;
        std::vector<int32_t> counts(n, 3), at(n + 1, 77), next = start, columns(2 * n + 1, 77);
        std::vector<float> values(n + 1, 77), spread(2 * n + 1, 77);
        k.add_counts(data, n, key, counts.data());
        EXPECT_EQ(counts, want_counts) << which;
        EXPECT_EQ(k.fill(data, n, key, at.data(), values.data()), kept) << which;
        EXPECT_EQ(at, want_at) << which << ": writes what is kept and nothing more";
        EXPECT_TRUE(same_bits(values, want_values)) << which;
        k.scatter(data, n, key, 5, next.data(), columns.data(), spread.data());
        EXPECT_EQ(next, want_next) << which;
        EXPECT_EQ(columns, want_columns) << which;
        EXPECT_TRUE(same_bits(spread, want_spread)) << which;
      }
    }
  }
}

struct Csr {
  std::vector<int32_t> offsets, columns;
  std::vector<float> values;
};

Csr from_dense(Isa isa, const DenseView& dense, size_t threads) {
  const RunParts run = ThreadPool::shared().run_parts(threads);
  Csr csr{std::vector<int32_t>(dense.rows + 1, 77), {}, {}};
  const size_t nnz = csr_count(isa, dense, run, csr.offsets.data());
  csr.columns.assign(nnz, 77);
  csr.values.assign(nnz, 77);
  std::vector<int32_t> next(dense.rows);
  csr_fill(isa, dense, run, {csr.offsets.data(), csr.columns.data(), csr.values.data()}, next.data());
  return csr;
}

TEST(DenseCsr, drops_up_to_the_tolerance_and_keeps_nan) {
  const std::vector<float> dense = {0, -0.0f, 0.5f, kNan, -2, 0, 0.25f, 0};
  for (const Isa isa : test::isas_to_test()) {
    const Csr csr = from_dense(isa, {dense.data(), 2, 4, false, 0.25f}, 1);
    EXPECT_EQ(csr.offsets, (std::vector<int32_t>{0, 2, 3}));
    EXPECT_EQ(csr.columns, (std::vector<int32_t>{2, 3, 0}));
    EXPECT_EQ(csr.values[0], 0.5f);
    EXPECT_TRUE(std::isnan(csr.values[1]));
  }
}

TEST(DenseCsr, is_the_same_for_any_isa_and_number_of_threads) {
  for (const auto& [rows, cols] :
       {std::pair<size_t, size_t>{0, 0}, {0, 3}, {3, 0}, {2500, 130}, {40, 4100}}) {
    const std::vector<float> dense = mostly_zeros(rows * cols);
    for (const bool transposed : {false, true}) {
      const DenseView view{dense.data(), rows, cols, transposed, 0};
      const Csr want = from_dense(Isa::kScalar, view, 1);
      for (const Isa isa : test::isas_to_test()) {
        const Csr got = from_dense(isa, view, 3);
        EXPECT_EQ(got.offsets, want.offsets) << isa_name(isa);
        EXPECT_EQ(got.columns, want.columns) << isa_name(isa);
        EXPECT_TRUE(same_bits(got.values, want.values)) << isa_name(isa);
      }
    }
  }
}

}  // namespace
}  // namespace tfjs_sparse
