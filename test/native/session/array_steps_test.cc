// Every step on arrays, with results that one can check by eye.
#include <limits>

#include "array_plans.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr int32_t kLowest = std::numeric_limits<int32_t>::min();
constexpr int32_t kHighest = std::numeric_limits<int32_t>::max();

Floats binary(const std::string& function, const Floats& a, const Floats& b, bool integers) {
  PlanMaker maker;
  const size_t n = a.size(), x = maker.input(array_of(n, integers)), y = maker.input(array_of(n, integers));
  add(&maker, looped(named(Op::kBinary, function, integers), {int64_t(n)}, {{1}, {1}, {1}}), {x, y},
      array_of(n));
  return run_plan(maker.plan, {a, b});
}
Ints integer_binary(const std::string& function, const Ints& a, const Ints& b) {
  return integers(binary(function, bits(a), bits(b), true));
}

TEST(ArrayBinary, of_floats) {
  EXPECT_EQ(binary("add", {1, 2}, {3, -4}, false), (Floats{4, -2}));
  EXPECT_EQ(binary("sub", {1, 2}, {3, -4}, false), (Floats{-2, 6}));
  EXPECT_EQ(binary("mul", {1, 2}, {3, -4}, false), (Floats{3, -8}));
  EXPECT_EQ(binary("div", {1, -2, 3}, {0, 0, 2}, false), (Floats{kInfinity, -kInfinity, 1.5f}));
  EXPECT_EQ(binary("max", {1, 2}, {3, -4}, false), (Floats{3, 2}));
  EXPECT_EQ(binary("min", {1, 2}, {3, -4}, false), (Floats{1, -4}));
  EXPECT_EQ(binary("floorDiv", {7, -7, 7, -7}, {2, 2, -2, -2}, false), (Floats{3, -4, -4, 3}));
  EXPECT_EQ(binary("floorMod", {7, -7, 7, -7}, {3, 3, -3, -3}, false), (Floats{1, 2, -2, -1}));
  EXPECT_EQ(binary("pow", {2, 9}, {3, 0.5f}, false), (Floats{8, 3}));
  EXPECT_EQ(binary("atan2", {0, 1}, {1, 0}, false), (Floats{0, std::atan2(1.0f, 0.0f)}));
  EXPECT_EQ(binary("squaredDifference", {1, 2}, {3, -4}, false), (Floats{4, 36}));
  EXPECT_TRUE(std::isnan(binary("floorMod", {1}, {0}, false)[0]));
  EXPECT_TRUE(std::isnan(binary("add", {kNan}, {1}, false)[0]));
}

TEST(ArrayBinary, of_integers_wraps_and_never_traps) {
  EXPECT_EQ(integer_binary("add", {kHighest, 2}, {1, 3}), (Ints{kLowest, 5}));
  EXPECT_EQ(integer_binary("sub", {kLowest, 2}, {1, 3}), (Ints{kHighest, -1}));
  EXPECT_EQ(integer_binary("mul", {kHighest, 65536, kLowest}, {2, 65536, -1}), (Ints{-2, 0, kLowest}));
  EXPECT_EQ(integer_binary("squaredDifference", {3, kHighest}, {5, kLowest}), (Ints{4, 1}));
  EXPECT_EQ(integer_binary("floorDiv", {7, -7, 7, -7}, {2, 2, -2, -2}), (Ints{3, -4, -4, 3}));
  EXPECT_EQ(integer_binary("floorMod", {7, -7, 7, -7}, {3, 3, -3, -3}), (Ints{1, 2, -2, -1}));
  EXPECT_EQ(integer_binary("floorDiv", {1, kLowest, kLowest, 0}, {0, 0, -1, 0}), (Ints{0, 0, kLowest, 0}));
  EXPECT_EQ(integer_binary("floorMod", {1, kLowest, kLowest, 0}, {0, 0, -1, 0}), (Ints{0, 0, 0, 0}));
  EXPECT_EQ(integer_binary("max", {kLowest, 2}, {kHighest, 2}), (Ints{kHighest, 2}));
  EXPECT_EQ(integer_binary("min", {kLowest, 2}, {kHighest, 2}), (Ints{kLowest, 2}));
  EXPECT_EQ(integer_binary("and", {0, 1, 7, 0}, {0, 0, 1, 2}), (Ints{0, 0, 1, 0}));
  EXPECT_EQ(integer_binary("or", {0, 1, 7, 0}, {0, 0, 1, 2}), (Ints{0, 1, 1, 1}));
}

TEST(ArrayBinary, comparisons_give_integers) {
  const Floats a = {1, 2, 3, kNan}, b = {2, 2, 2, kNan};
  EXPECT_EQ(integers(binary("equal", a, b, false)), (Ints{0, 1, 0, 0}));
  EXPECT_EQ(integers(binary("notEqual", a, b, false)), (Ints{1, 0, 1, 1}));
  EXPECT_EQ(integers(binary("less", a, b, false)), (Ints{1, 0, 0, 0}));
  EXPECT_EQ(integers(binary("lessEqual", a, b, false)), (Ints{1, 1, 0, 0}));
  EXPECT_EQ(integers(binary("greater", a, b, false)), (Ints{0, 0, 1, 0}));
  EXPECT_EQ(integers(binary("greaterEqual", a, b, false)), (Ints{0, 1, 1, 0}));
  // 2^24 and the next number are one float: integers are compared as integers.
  EXPECT_EQ(integer_binary("equal", {16777216}, {16777217}), (Ints{0}));
  EXPECT_EQ(integer_binary("less", {kLowest}, {kHighest}), (Ints{1}));
}

TEST(ArrayBinary, broadcasts_a_fixed_array_over_rows_of_the_batch) {
  PlanMaker maker;  // [2, 3] + [3], two rows of the batch
  const size_t x = maker.input(array_of(6)), c = constant(&maker, Floats{10, 20, 30});
  add(&maker, looped(named(Op::kBinary, "add"), {2, 3}, {{3, 1}, {0, 1}, {3, 1}}), {x, c}, array_of(6));
  EXPECT_EQ(run_plan(maker.plan, {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}, 2),
            (Floats{11, 22, 33, 14, 25, 36, 17, 28, 39, 20, 31, 42}));
}

TEST(ArrayUnary, of_integers_wraps) {
  const auto unary = [](const std::string& function, const Ints& x) {
    PlanMaker maker;
    const size_t in = maker.input(array_of(x.size(), true));
    add(&maker, named(Op::kUnary, function, true), {in}, array_of(x.size(), true));
    return integers(run_plan(maker.plan, {bits(x)}));
  };
  EXPECT_EQ(unary("abs", {-3, kLowest, 4}), (Ints{3, kLowest, 4}));
  EXPECT_EQ(unary("neg", {-3, kLowest, 4}), (Ints{3, kLowest, -4}));
  EXPECT_EQ(unary("square", {-3, kLowest, 65536}), (Ints{9, 0, 0}));
  EXPECT_EQ(unary("sign", {-3, 0, kHighest}), (Ints{-1, 0, 1}));
  EXPECT_EQ(unary("not", {-3, 0, 1}), (Ints{0, 1, 0}));
}

TEST(ArrayCast, saturates_nothing_and_stands_what_does_not_fit) {
  const auto cast = [](const std::string& function, const Floats& x) {
    PlanMaker maker;
    add(&maker, named(Op::kCast, function), {maker.input(array_of(x.size()))}, array_of(x.size()));
    return run_plan(maker.plan, {x});
  };
  EXPECT_EQ(integers(cast("toInteger", {1.9f, -1.9f, 3e9f, -3e9f, kNan, kInfinity})),
            (Ints{1, -1, kLowest, kLowest, kLowest, kLowest}));
  EXPECT_EQ(cast("toFloat", bits({1, -1, 16777217})), (Floats{1, -1, 16777216}));
  EXPECT_EQ(integers(cast("floatToBool", {0, -0.0f, 0.5f, kNan})), (Ints{0, 0, 1, 1}));
  EXPECT_EQ(integers(cast("integerToBool", bits({0, -7, kLowest}))), (Ints{0, 1, 1}));
}

TEST(ArrayStrided, transposes_reverses_and_repeats) {
  const auto move = [](const PlanStep& step, size_t size) {
    PlanMaker maker;
    add(&maker, step, {maker.input(array_of(6))}, array_of(size));
    return run_plan(maker.plan, {{1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60}}, 2);
  };
  const PlanStep strided = named(Op::kStrided);
  EXPECT_EQ(move(looped(strided, {3, 2}, {{1, 3}, {2, 1}}), 6),
            (Floats{1, 4, 2, 5, 3, 6, 10, 40, 20, 50, 30, 60}));
  EXPECT_EQ(move(looped(strided, {2, 2}, {{0, 1}, {2, 1}}), 4), (Floats{1, 2, 1, 2, 10, 20, 10, 20}));
  PlanStep reversed = looped(strided, {6}, {{-1}, {1}});
  reversed.offsets[0] = 5;
  EXPECT_EQ(move(reversed, 6), (Floats{6, 5, 4, 3, 2, 1, 60, 50, 40, 30, 20, 10}));
  PlanStep single = looped(strided, {}, {{}, {}});
  single.offsets[0] = 4;
  EXPECT_EQ(move(single, 1), (Floats{5, 50}));
  PlanStep padded = looped(named(Op::kFill), {2, 2}, {{3, 1}, {4, 1}});
  padded.offsets[1] = 1;
  padded.value = 9;
  EXPECT_EQ(move(padded, 8), (Floats{9, 1, 2, 9, 9, 4, 5, 9, 9, 10, 20, 9, 9, 40, 50, 9}));
}

TEST(ArraySelect, takes_one_or_the_other_bit_for_bit) {
  PlanMaker maker;
  const size_t which = maker.input(array_of(3, true)), a = maker.input(array_of(3)),
               b = constant(&maker, Floats{kNan});
  add(&maker, looped(named(Op::kSelect), {3}, {{1}, {1}, {0}, {1}}), {which, a, b}, array_of(3));
  const Floats got = run_plan(maker.plan, {bits({1, 0, -5}), {1, 2, 3}});
  EXPECT_EQ(got[0], 1);
  EXPECT_TRUE(std::isnan(got[1]));
  EXPECT_EQ(got[2], 3);
}

/// Over the columns of [2, 3].
Floats reduce(const std::string& function, const Floats& x, bool integers) {
  PlanMaker maker;
  PlanStep step = looped(named(Op::kReduce, function, integers), {2, 3}, {{3, 1}, {1, 0}});
  step.axes = 1;
  add(&maker, step, {maker.input(array_of(6, integers))}, array_of(2));
  return run_plan(maker.plan, {x});
}

TEST(ArrayReduce, of_floats) {
  const Floats x = {1, 5, 3, -2, -8, -8};
  EXPECT_EQ(reduce("sum", x, false), (Floats{9, -18}));
  EXPECT_EQ(reduce("mean", x, false), (Floats{3, -6}));
  EXPECT_EQ(reduce("prod", x, false), (Floats{15, -128}));
  EXPECT_EQ(reduce("max", x, false), (Floats{5, -2}));
  EXPECT_EQ(reduce("min", x, false), (Floats{1, -8}));
  EXPECT_EQ(integers(reduce("argMax", x, false)), (Ints{1, 0}));
  EXPECT_EQ(integers(reduce("argMin", x, false)), (Ints{0, 1}));
  // Kept in double: 1 is not lost beside 1e8.
  EXPECT_EQ(reduce("sum", {1e8f, 1, -1e8f, 0, 0, 0}, false), (Floats{1, 0}));
}

TEST(ArrayReduce, of_integers) {
  const Floats x = bits({kHighest, 1, 3, -7, 0, 0});
  EXPECT_EQ(integers(reduce("sum", x, true)), (Ints{kLowest + 3, -7}));
  EXPECT_EQ(integers(reduce("mean", bits({1, 2, 5, -7, 0, 0}), true)), (Ints{2, -2}));
  EXPECT_EQ(integers(reduce("prod", x, true)), (Ints{kHighest - 2, 0}));
  EXPECT_EQ(integers(reduce("max", x, true)), (Ints{kHighest, 0}));
  EXPECT_EQ(integers(reduce("min", x, true)), (Ints{1, -7}));
  EXPECT_EQ(integers(reduce("any", bits({0, 0, 0, 0, 4, 0}), true)), (Ints{0, 1}));
  EXPECT_EQ(integers(reduce("all", bits({1, 2, 3, 0, 4, 0}), true)), (Ints{1, 0}));
  EXPECT_EQ(integers(reduce("argMax", x, true)), (Ints{0, 1}));
}

TEST(ArrayReduce, over_everything_gives_one_element) {
  PlanMaker maker;
  PlanStep step = looped(named(Op::kReduce, "sum"), {2, 3}, {{3, 1}, {0, 0}});
  step.axes = 2;
  add(&maker, step, {maker.input(fixed_array(6))}, fixed_array(1));
  EXPECT_EQ(run_plan(maker.plan, {{1, 2, 3, 4, 5, 6}}, 4), Floats{21});
}

TEST(ArrayProduct, multiplies_matrices_as_they_lie_or_transposed) {
  const auto product = [](std::vector<std::vector<int64_t>> strides) {
    PlanMaker maker;  // [2, 2] times [2, 3], or its transpose
    const size_t a = maker.input(array_of(4)), b = constant(&maker, Floats{1, 2, 3, 4, 5, 6});
    add(&maker, looped(named(Op::kProduct), {2, 3, 2}, strides), {a, b}, array_of(6));
    return run_plan(maker.plan, {{1, 2, 3, 4, 1, 0, 0, 1}}, 2);
  };
  EXPECT_EQ(product({{2, 0, 1}, {0, 1, 3}, {3, 1, 0}}), (Floats{9, 12, 15, 19, 26, 33, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(product({{2, 0, 1}, {0, 2, 1}, {3, 1, 0}}), (Floats{5, 11, 17, 11, 25, 39, 1, 3, 5, 2, 4, 6}));
}

TEST(ArrayGather, gives_zeros_for_an_index_outside) {
  PlanMaker maker;  // rows of [3, 2]
  PlanStep step = named(Op::kGather);
  step.n = 1;
  step.k = 3;
  const size_t x = maker.input(array_of(6)), places = maker.input(array_of(5, true));
  add(&maker, step, {x, places}, array_of(10));
  EXPECT_EQ(run_plan(maker.plan, {{1, 2, 3, 4, 5, 6}, bits({2, -1, 0, kHighest, kLowest})}),
            (Floats{5, 6, 0, 0, 1, 2, 0, 0, 0, 0}));
  // The bits of floats are integers too: large ones, so zeros.
  EXPECT_EQ(run_plan(maker.plan, {{1, 2, 3, 4, 5, 6}, {2, kNan, 0, -kInfinity, 1}}),
            (Floats{0, 0, 0, 0, 1, 2, 0, 0, 0, 0}));
}

TEST(ArrayGather, along_the_last_axis_has_indices_of_each_row) {
  PlanMaker maker;
  PlanStep step = named(Op::kGather);
  step.n = 2;
  step.k = 3;
  step.whole = true;
  const size_t x = maker.input(array_of(6)), places = maker.input(array_of(4, true));
  add(&maker, step, {x, places}, array_of(4));
  EXPECT_EQ(run_plan(maker.plan, {{1, 2, 3, 4, 5, 6}, bits({2, 0, 3, 1})}), (Floats{3, 1, 0, 5}));
}

TEST(ArrayGatherNd, gives_zeros_for_a_tuple_outside) {
  PlanMaker maker;  // elements of [2, 3]
  PlanStep step = named(Op::kGatherNd);
  step.sizes = {2, 3};
  const size_t x = maker.input(array_of(6)), places = maker.input(array_of(10, true));
  add(&maker, step, {x, places}, array_of(5));
  EXPECT_EQ(run_plan(maker.plan, {{1, 2, 3, 4, 5, 6}, bits({1, 2, 0, 0, 2, 0, 0, -1, kLowest, kHighest})}),
            (Floats{6, 1, 0, 0, 0}));
}

TEST(ArrayTopK, orders_nan_first_and_ties_by_position) {
  PlanMaker maker;
  PlanStep step = named(Op::kTopK);
  step.n = 4;
  step.k = 3;
  add(&maker, step, {maker.input(array_of(8))}, array_of(6));
  EXPECT_EQ(integers(run_plan(maker.plan, {{1, 3, 3, 2, kNan, 5, kNan, kInfinity}})),
            (Ints{1, 2, 3, 0, 2, 3}));
  maker.plan.steps[0].integers = true;
  EXPECT_EQ(integers(run_plan(maker.plan, {bits({1, kHighest, kLowest, 2, 0, 0, 0, 0})})),
            (Ints{1, 3, 0, 0, 1, 2}));
}

TEST(ArrayConcat, joins_along_an_axis) {
  PlanMaker maker;  // [2, 1] and [2, 2] along the last
  PlanStep step = named(Op::kConcat);
  step.n = 2;
  const size_t x = maker.input(array_of(2)), c = constant(&maker, Floats{10, 20, 30, 40});
  add(&maker, step, {x, c}, array_of(6));
  EXPECT_EQ(run_plan(maker.plan, {{1, 2, 3, 4}}, 2), (Floats{1, 10, 20, 2, 30, 40, 3, 10, 20, 4, 30, 40}));
}

TEST(ArrayPointwise, softmax_and_relu) {
  PlanMaker maker;
  PlanStep softmax = named(Op::kSoftmax);
  softmax.n = 2;
  const size_t x = maker.input(array_of(4));
  add(&maker, softmax, {x}, array_of(4));
  EXPECT_EQ(run_plan(maker.plan, {{3, 3, -1, -1}}), (Floats{0.5f, 0.5f, 0.5f, 0.5f}));
  PlanMaker other;
  PlanStep relu = named(Op::kActivation);
  relu.activation.type = Activation::kRelu;
  add(&other, relu, {other.input(array_of(4))}, array_of(4));
  EXPECT_EQ(run_plan(other.plan, {{3, -3, 0, -1}}), (Floats{3, 0, 0, 0}));
}

}  // namespace
}  // namespace tfjs_sparse
