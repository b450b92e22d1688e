#include "kernels/binary/binary.h"

#include "numbers.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr BinaryOp kOps[] = {BinaryOp::kAdd, BinaryOp::kSub, BinaryOp::kMul,
                             BinaryOp::kDiv, BinaryOp::kMax, BinaryOp::kMin};

/// Rounded once each: every instruction set gives the same bits, only a NaN may be another one.
testing::AssertionResult same(float got, float want) {
  if (std::isnan(want) ? std::isnan(got) : std::memcmp(&got, &want, sizeof(got)) == 0)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "received " << got << ", expected " << want;
}

const BinaryKernel& kernel_of(Isa isa) {
  const BinaryKernel& kernel = choose_binary(isa);
  EXPECT_EQ(kernel.isa, isa);
  EXPECT_STREQ(kernel.name, isa_name(isa));
  return kernel;
}

void check(Isa isa, BinaryOp op, const std::vector<float>& a, const std::vector<float>& b, size_t count,
           size_t offset) {
  const bool a_single = a.size() != count, b_single = b.size() != count;
  const Exact x(a, offset), y(b, offset + 1);
  Guarded out(count, offset), want(count);
  kernel_of(isa).function(op, x.data(), a_single, y.data(), b_single, out.data(), count);
  choose_binary(Isa::kScalar).function(op, x.data(), a_single, y.data(), b_single, want.data(), count);
  ASSERT_TRUE(out.intact());
  for (size_t i = 0; i < count; ++i)
    ASSERT_TRUE(same(out[i], want[i])) << isa_name(isa) << ", operation " << int(op) << ", " << i << " of "
                                       << count << ", singles " << a_single << b_single;
}

TEST(BinaryScalar, agrees_with_small_sums_done_by_hand) {
  const auto apply = [](BinaryOp op, std::vector<float> a, std::vector<float> b) {
    std::vector<float> out(3);
    choose_binary(Isa::kScalar).function(op, a.data(), a.size() == 1, b.data(), b.size() == 1, out.data(), 3);
    return out;
  };
  using Floats = std::vector<float>;
  EXPECT_EQ(apply(BinaryOp::kAdd, {1, 2, 3}, {10, 20, 30}), (Floats{11, 22, 33}));
  EXPECT_EQ(apply(BinaryOp::kSub, {1, 2, 3}, {10}), (Floats{-9, -8, -7}));
  EXPECT_EQ(apply(BinaryOp::kSub, {10}, {1, 2, 3}), (Floats{9, 8, 7}));
  EXPECT_EQ(apply(BinaryOp::kMul, {2}, {5}), (Floats{10, 10, 10}));
  EXPECT_EQ(apply(BinaryOp::kDiv, {1, -1, 8}, {0, 0, 4}), (Floats{kInfinity, -kInfinity, 2}));
  EXPECT_EQ(apply(BinaryOp::kMax, {1, 5, -2}, {3}), (Floats{3, 5, 3}));
  EXPECT_EQ(apply(BinaryOp::kMin, {1, 5, -2}, {3}), (Floats{1, 3, -2}));
}

TEST(Binary, every_row_of_the_table_agrees_with_scalar_at_every_edge) {
  size_t rows = 0;
  const BinaryKernel* table = binary_kernels(&rows);
  ASSERT_GE(rows, 1u);
  EXPECT_EQ(table[rows - 1].isa, Isa::kScalar);
  for (const Isa isa : isas_to_test())
    for (const BinaryOp op : kOps)
      for (size_t count = 0; count <= 67; ++count) {
        const std::vector<float> a = normal(count, count), b = normal(count, 100 + count), one = {0.75f};
        check(isa, op, a, b, count, count % 16);
        check(isa, op, one, b, count, (count + 3) % 16);
        check(isa, op, a, one, count, (count + 5) % 16);
        check(isa, op, one, {-1.5f}, count, (count + 7) % 16);
        if (HasFatalFailure()) return;
      }
}

TEST(Binary, writes_over_its_own_operands) {
  for (const Isa isa : isas_to_test())
    for (const BinaryOp op : kOps)
      for (const bool over_a : {true, false}) {
        const size_t count = 37;
        const std::vector<float> a = normal(count, 1), b = normal(count, 2);
        Guarded out(over_a ? a : b, 3);
        std::vector<float> want(count);
        choose_binary(Isa::kScalar).function(op, a.data(), false, b.data(), false, want.data(), count);
        kernel_of(isa).function(op, over_a ? out.data() : a.data(), false, over_a ? b.data() : out.data(),
                                false, out.data(), count);
        EXPECT_TRUE(out.intact());
        for (size_t i = 0; i < count; ++i) ASSERT_TRUE(same(out[i], want[i])) << isa_name(isa);
      }
}

TEST(Binary, agrees_on_nan_infinity_zeros_of_both_signs_and_denormals) {
  const float special[] = {kNan, kInfinity, -kInfinity, 0.0f, -0.0f, 1e-40f, -1e-40f, 3.4e38f, -3.4e38f, 1};
  std::vector<float> a, b;
  for (const float x : special)
    for (const float y : special) {
      a.push_back(x);
      b.push_back(y);
    }
  for (const Isa isa : isas_to_test())
    for (const BinaryOp op : kOps) {
      check(isa, op, a, b, a.size(), 1);
      for (const float x : special) {
        check(isa, op, {x}, b, b.size(), 1);
        check(isa, op, a, {x}, a.size(), 1);
      }
      if (HasFatalFailure()) return;
    }
}

TEST(Binary, max_and_min_give_the_second_where_either_is_nan) {
  for (const Isa isa : isas_to_test())
    for (const BinaryOp op : {BinaryOp::kMax, BinaryOp::kMin}) {
      const std::vector<float> numbers(19, 2.0f), nans(19, kNan);
      std::vector<float> out(19);
      kernel_of(isa).function(op, nans.data(), false, numbers.data(), false, out.data(), 19);
      EXPECT_EQ(out, numbers) << isa_name(isa);
      kernel_of(isa).function(op, numbers.data(), false, nans.data(), false, out.data(), 19);
      for (const float y : out) EXPECT_TRUE(std::isnan(y)) << isa_name(isa);
    }
}

}  // namespace
}  // namespace tfjs_sparse
