#include "session/csr_product.h"

#include "numbers.h"
#include "session/owned_csr.h"
#include "stored.h"

namespace tfjs_sparse {
namespace {

using namespace test;

struct Product {
  size_t n, k;
  std::vector<float> weight;
  Product(size_t outputs, size_t inputs, double density)
      : n(outputs), k(inputs), weight(sparse(outputs, inputs, density, outputs + inputs)) {}

  void check(CsrProduct* product, size_t m, const std::vector<float>& x, const float* bias, float min,
             const std::string& what, Storage storage = Storage::kFloat32) const {
    const std::vector<Number> want =
        test::product(kept(weight, n, k, storage), n, k, {x.data(), 1, k}, m, bias);
    const Exact in(x, 1);
    Guarded out(m * n, 1);
    product->multiply(in.data(), m, bias, {Activation::kClamp, 0, min, kInfinity}, out.data(), 2);
    EXPECT_TRUE(out.intact()) << what;
    for (size_t j = 0; j < m; ++j)
      for (size_t o = 0; o < n; ++o)
        ASSERT_TRUE(close(out[j * n + o], want[o * m + j].clamped(min, kInfinity)))
            << what << ": " << j << ", " << o;
  }
};

const KernelChoice kChoices[] = {{KernelChoice::kWindow},
                                 {KernelChoice::kNarrow},
                                 {KernelChoice::kDense},
                                 {KernelChoice::kNone, 1},
                                 {KernelChoice::kNone, 2},
                                 {KernelChoice::kNone, 4},
                                 {KernelChoice::kNone, 8},
                                 {KernelChoice::kWindow, 0, false, Storage::kBfloat16},
                                 {KernelChoice::kDense, 0, false, Storage::kBfloat16},
                                 {KernelChoice::kNone, 4, false, Storage::kBfloat16},
                                 {KernelChoice::kWindow, 0, false, Storage::kInt8},
                                 {KernelChoice::kDense, 0, false, Storage::kInt8},
                                 {KernelChoice::kNarrow, 0, false, Storage::kInt8},
                                 {KernelChoice::kNone, 2, false, Storage::kInt8},
                                 {KernelChoice::kNone, 0, false, Storage::kFloat32, 1, 8},
                                 {KernelChoice::kNone, 0, false, Storage::kBfloat16, 1, 8},
                                 {KernelChoice::kNone, 0, false, Storage::kInt8, 1, 8}};

TEST(CsrProduct, agrees_for_every_choice_and_size) {
  for (const Isa isa : isas_to_test())
    for (const KernelChoice& choice : kChoices)
      for (const auto& [n, k] : {std::pair<size_t, size_t>{1, 1}, {5, 0}, {0, 5}, {13, 7}, {70, 300}}) {
        const Product product(n, k, 0.2);
        const OwnedCsr csr(product.weight.data(), n, k);
        CsrProduct packed(csr.view(), isa, choice);
        EXPECT_EQ(packed.rows(), n);
        EXPECT_EQ(packed.cols(), k);
        const std::vector<float> bias = normal(n, 3);
        // Growing and shrinking calls use one memory; a bias must not linger.
        for (const size_t m : {1, 17, 2, 40, 1, 0, 16, 7}) {
          const std::vector<float> x = normal(m * k, m);
          const std::string what = std::string(isa_name(isa)) + " m=" + std::to_string(m);
          product.check(&packed, m, x, bias.data(), -kInfinity, what, choice.storage);
          product.check(&packed, m, x, nullptr, -0.5f, what + " without bias", choice.storage);
          if (HasFatalFailure()) return;
        }
      }
}

/// m_lt_mr, m_eq_mr, m_gt_mr of every tile and every tail: x ends where its memory does, and so does y.
TEST(CsrProduct, every_number_of_rows) {
  const Product few(11, 37, 0.3), many(5, 6, 0.5);
  for (const Isa isa : isas_to_test())
    for (const KernelChoice& choice : kChoices) {
      const OwnedCsr csr(few.weight.data(), few.n, few.k), small(many.weight.data(), many.n, many.k);
      CsrProduct packed(csr.view(), isa, choice), other(small.view(), isa, choice);
      const std::string what = std::string(isa_name(isa)) + " m=";
      for (size_t m = 1; m <= 40; ++m)
        few.check(&packed, m, normal(m * few.k, m), nullptr, 0, what + std::to_string(m), choice.storage);
      for (const size_t m : {4095, 4096})
        many.check(&other, m, normal(m * many.k, m), nullptr, 0, what + std::to_string(m), choice.storage);
      if (HasFatalFailure()) return;
    }
}

TEST(CsrProduct, nan_in_meets_only_pruned_weights) {
  for (const Isa isa : isas_to_test())
    for (const KernelChoice& choice : kChoices) {
      Product product(11, 40, 0.5);
      for (size_t o = 0; o < product.n; ++o) product.weight[o * 40 + 7] = o % 2 ? 1.0f : 0.0f;
      const OwnedCsr csr(product.weight.data(), product.n, product.k);
      CsrProduct packed(csr.view(), isa, choice);
      for (const size_t m : {1, 3, 9, 33}) {
        std::vector<float> x = normal(m * 40, 1);
        x[(m - 1) * 40 + 7] = kNan;
        product.check(&packed, m, x, nullptr, -kInfinity, isa_name(isa), choice.storage);
        if (HasFatalFailure()) return;
      }
    }
}

TEST(CsrProduct, is_the_same_bit_for_bit_for_every_number_of_threads) {
  const Product product(600, 520, 0.2);  // several chunks and blocks, and enough for a division of full ones
  const OwnedCsr csr(product.weight.data(), product.n, product.k);
  for (const Isa isa : isas_to_test())
    for (const KernelChoice& choice : kChoices) {
      CsrProduct packed(csr.view(), isa, choice);
      for (const size_t m : {1, 5, 8, 33}) {
        const std::vector<float> x = normal(m * product.k, m);
        std::vector<float> first(m * product.n), other(first.size());
        packed.multiply(x.data(), m, nullptr, {Activation::kTanh, 0, 0, 0}, first.data(), 1);
        for (const size_t threads : {0, 2, 3}) {
          if (threads == 0 && m > 1) continue;  // is one thread
          packed.multiply(x.data(), m, nullptr, {Activation::kTanh, 0, 0, 0}, other.data(), threads);
          EXPECT_TRUE(same_bits(first, other)) << isa_name(isa) << " threads=" << threads;
        }
      }
    }
}

/// A tile is as wide as whole registers are, which may be wider than the one for the rows alone: 17 rows take
/// 24 columns of AVX2, and a memory that is there for calls before and after hides what is written past it.
TEST(CsrProduct, stays_inside_the_scratch_that_it_asks_for) {
  const Product product(27, 300, 0.2);
  const OwnedCsr csr(product.weight.data(), product.n, product.k);
  for (const Isa isa : isas_to_test())
    for (const unsigned nr : {1, 2, 4, 8})
      for (const SpmmPattern pattern : {kSpmmSparse, kSpmmDense, kSpmmSlices}) {
        if (pattern == kSpmmSlices && nr != kSpmmSliceOutputs && !(nr == 4 && spmm_has_wide_slices(isa)))
          continue;
        const PackedSpmm packed(csr.view(), nullptr, nr, pattern, block_k_for(csr.view(), isa, nr, pattern));
        for (size_t m = 1; m <= 130; m += 1 + m / 40) {
          const Exact x(normal(m * product.k, m));
          Guarded scratch(spmm_rows_scratch_floats(packed, isa, m)), out(m * product.n);
          run_spmm_rows(packed, packed.bias(), {Activation::kClamp, 0, -kInfinity, kInfinity},
                        {x.data(), out.data(), m, product.k, product.n}, isa, 1,
                        [&](size_t) { return scratch.data(); });
          ASSERT_TRUE(scratch.intact() && out.intact())
              << isa_name(isa) << " nr=" << nr << " m=" << m << " pattern=" << int(pattern);
        }
      }
}

}  // namespace
}  // namespace tfjs_sparse
