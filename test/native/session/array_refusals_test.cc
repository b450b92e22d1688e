// Plans that would read or write outside: refused when the session is made, never run.
#include "array_plans.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr int64_t kFar = int64_t{1} << 40;

PlanStep sized(Op op, size_t n, size_t k = 0, bool whole = false) {
  PlanStep step = named(op);
  step.n = n;
  step.k = k;
  step.whole = whole;
  return step;
}

TEST(RefusesLoops, that_leave_an_operand_or_overflow) {
  const std::string leaves = "plan, step 0: a loop leaves its operand";
  const std::string stride = "plan, step 0: a stride of a loop is out of range";
  const auto strided = [](std::vector<int64_t> sizes, std::vector<int64_t> from, int64_t offset = 0) {
    PlanStep step = looped(named(Op::kStrided), sizes, {from, std::vector<int64_t>(sizes.size(), 1)});
    step.offsets[0] = offset;
    return refusal(step, {array_of(6)}, array_of(6));
  };
  EXPECT_EQ(strided({6}, {1}, 1), leaves);
  EXPECT_EQ(strided({6}, {2}), leaves);
  EXPECT_EQ(strided({6}, {-1}, 4), leaves);
  EXPECT_EQ(strided({}, {}, 6), leaves);
  EXPECT_EQ(strided({7}, {0}), leaves);  // of the output
  EXPECT_EQ(strided({2}, {int64_t{1} << 31}), leaves);
  EXPECT_EQ(strided({2}, {kFar}), stride);
  EXPECT_EQ(strided({2}, {-kFar}), stride);
  EXPECT_EQ(strided({6}, {1}, -1), "plan, step 0: an offset of a loop is out of range");
  EXPECT_EQ(strided({6}, {1}, kFar), "plan, step 0: an offset of a loop is out of range");
  EXPECT_EQ(strided({0}, {1}), "plan, step 0: an axis of a loop is out of range");
  EXPECT_EQ(strided({-6}, {1}), "plan, step 0: an axis of a loop is out of range");
  EXPECT_EQ(strided({kFar}, {0}), "plan, step 0: an axis of a loop is out of range");
  EXPECT_EQ(strided(std::vector<int64_t>(3, int64_t{1} << 30), {0, 0, 0}),
            "plan, step 0: a loop is too long");
  EXPECT_EQ(strided(std::vector<int64_t>(17, 1), std::vector<int64_t>(17, 0)),
            "plan, step 0: a loop of more than 16 axes");
  EXPECT_EQ(strided({6}, {1, 1}), "plan, step 0: strides of a loop are missing");
  EXPECT_EQ(refusal(named(Op::kStrided), {array_of(6)}, array_of(6)),
            "plan, step 0: operands of a loop are missing");
}

TEST(RefusesLoops, that_leave_gaps_in_their_output) {
  const std::string gaps = "plan, step 0: a loop leaves gaps in its output";
  PlanStep step = looped(named(Op::kStrided), {3}, {{1}, {1}});
  EXPECT_EQ(refusal(step, {array_of(6)}, array_of(6)), gaps);
  step.offsets[1] = 3;
  EXPECT_EQ(refusal(step, {array_of(6)}, array_of(6)), gaps);
  EXPECT_EQ(refusal(looped(named(Op::kStrided), {3}, {{1}, {2}}), {array_of(6)}, array_of(6)), gaps);
  EXPECT_EQ(refusal(looped(named(Op::kStrided), {6}, {{1}, {0}}), {array_of(6)}, array_of(6)), gaps);
  EXPECT_EQ(refusal(looped(named(Op::kBinary, "add"), {3}, {{1}, {1}, {2}}), {array_of(3), array_of(3)},
                    array_of(6)),
            gaps);
  PlanStep reduce = looped(named(Op::kReduce, "sum"), {2, 3}, {{3, 1}, {0, 1}});
  reduce.axes = 1;
  EXPECT_EQ(refusal(reduce, {array_of(6)}, array_of(3)), gaps);
  EXPECT_EQ(refusal(looped(named(Op::kProduct), {2, 2, 2}, {{2, 0, 1}, {0, 1, 2}, {2, 1, 1}}),
                    {array_of(4), array_of(4)}, array_of(5)),
            gaps);
  EXPECT_EQ(refusal(looped(named(Op::kSelect), {2}, {{1}, {1}, {1}, {1}}),
                    {array_of(2), array_of(2), array_of(2)}, array_of(4)),
            gaps);
}

TEST(RefusesReductions, without_an_axis_or_with_too_many) {
  PlanStep step = looped(named(Op::kReduce, "sum"), {2, 3}, {{3, 1}, {1, 0}});
  for (const size_t axes : {size_t{0}, size_t{3}, static_cast<size_t>(-1)}) {
    step.axes = axes;
    EXPECT_EQ(refusal(step, {array_of(6)}, array_of(2)), "plan, step 0: no axis is reduced");
  }
  step.axes = 1;
  step.function = "median";
  EXPECT_EQ(refusal(step, {array_of(6)}, array_of(2)), "plan, step 0: no function \"median\"");
  EXPECT_EQ(refusal(looped(named(Op::kProduct), {2, 2}, {{2, 1}, {2, 1}, {2, 1}}), {array_of(4), array_of(4)},
                    array_of(4)),
            "plan, step 0: a product has the axes m, n and k");
}

TEST(RefusesFunctions, that_a_type_does_not_have) {
  const auto binary = [](const std::string& function, bool integers) {
    return refusal(looped(named(Op::kBinary, function, integers), {2}, {{1}, {1}, {1}}),
                   {array_of(2), array_of(2)}, array_of(2));
  };
  EXPECT_EQ(binary("div", true), "plan, step 0: no function \"div\"");
  EXPECT_EQ(binary("pow", true), "plan, step 0: no function \"pow\"");
  EXPECT_EQ(binary("", false), "plan, step 0: no function \"\"");
  EXPECT_EQ(refusal(named(Op::kUnary, "exp", true), {array_of(2)}, array_of(2)),
            "plan, step 0: no function \"exp\"");
  EXPECT_EQ(refusal(named(Op::kUnary, "not"), {array_of(2)}, array_of(2)),
            "plan, step 0: no function \"not\"");
  EXPECT_EQ(refusal(named(Op::kCast, "toString"), {array_of(2)}, array_of(2)),
            "plan, step 0: no function \"toString\"");
}

TEST(RefusesGathers, whose_sizes_do_not_fit_or_overflow) {
  const auto gather = [](size_t n, size_t k, bool whole, size_t size, size_t places, size_t out) {
    return refusal(sized(Op::kGather, n, k, whole), {array_of(size), array_of(places, true)}, array_of(out));
  };
  const std::string slices = "plan, step 0: the input is not made of such slices";
  EXPECT_EQ(gather(0, 3, false, 6, 2, 4), slices);
  EXPECT_EQ(gather(1, 0, false, 6, 2, 4), slices);
  EXPECT_EQ(gather(1, 4, false, 6, 2, 4), slices);
  EXPECT_EQ(gather(1, 7, false, 6, 2, 4), slices);
  // The products of these are 0 and 6 in 64 bits.
  EXPECT_EQ(gather(size_t{1} << 24, size_t{1} << 40, false, size_t{1} << 24, 2, 4), slices);
  EXPECT_EQ(gather(2, (size_t{1} << 63) + 3, false, 6, 2, 4), slices);
  EXPECT_EQ(gather(1, 3, false, 6, 2, 5), "plan, step 0: elements: expected 4, received 5");
  EXPECT_EQ(gather(1, 3, true, 6, 2, 2), "plan, step 0: the indices do not fit");
  EXPECT_EQ(gather(2, 3, true, 6, 3, 3), "plan, step 0: the indices do not fit");
}

TEST(RefusesGathers, of_tuples_that_do_not_fit_or_overflow) {
  const auto gather = [](std::vector<int64_t> sizes, size_t places, size_t out) {
    PlanStep step = named(Op::kGatherNd);
    step.sizes = sizes;
    return refusal(step, {array_of(6), array_of(places, true)}, array_of(out));
  };
  const std::string axes = "plan, step 0: the input has no such axes";
  EXPECT_EQ(gather({}, 2, 2), "plan, step 0: the indices are no tuples");
  EXPECT_EQ(gather({2, 3}, 3, 2), "plan, step 0: the indices are no tuples");
  EXPECT_EQ(gather({2, 4}, 2, 1), axes);
  EXPECT_EQ(gather({4}, 1, 1), axes);
  EXPECT_EQ(gather({0}, 1, 1), axes);
  EXPECT_EQ(gather({-2, -3}, 2, 1), axes);
  EXPECT_EQ(gather({kFar, kFar}, 2, 1), axes);
  EXPECT_EQ(gather({2}, 1, 1), "plan, step 0: elements: expected 3, received 1");
}

TEST(RefusesRuns, longer_than_the_array) {
  const auto top = [](size_t n, size_t k, size_t out) {
    return refusal(sized(Op::kTopK, n, k), {array_of(6)}, array_of(out));
  };
  EXPECT_EQ(top(3, 4, 8), "plan, step 0: no such runs");
  EXPECT_EQ(top(3, 0, 6), "plan, step 0: no such runs");
  EXPECT_EQ(top(0, 0, 6), "plan, step 0: no such runs");
  EXPECT_EQ(top(4, 2, 6), "plan, step 0: no such runs");
  EXPECT_EQ(top(size_t(kFar), 2, 6), "plan, step 0: no such runs");
  EXPECT_EQ(top(3, 2, 6), "plan, step 0: elements: expected 4, received 6");
  for (const size_t n : {size_t{0}, size_t{4}, size_t(kFar)})
    EXPECT_EQ(refusal(sized(Op::kSoftmax, n), {array_of(6)}, array_of(6)), "plan, step 0: no such runs");
}

TEST(RefusesArrays, of_another_kind_or_size) {
  const std::string kind = "plan, step 0: an input is no array, or one of each row of a batch";
  const PlanStep strided = looped(named(Op::kStrided), {6}, {{1}, {1}});
  EXPECT_EQ(refusal(strided, {{6, 1, 1}}, array_of(6)), kind);
  EXPECT_EQ(refusal(strided, {array_of(6)}, fixed_array(6)), kind);
  EXPECT_EQ(refusal(strided, {array_of(6)}, {6, 1, 1}), "plan, step 0: expected an array");
  EXPECT_EQ(refusal(strided, {array_of(6), array_of(6)}, array_of(6)),
            "plan, step 0: reads 2 values, expected 1");
  EXPECT_EQ(refusal(strided, {array_of(0)}, array_of(6)), "plan: a value has a size of 0");
  EXPECT_EQ(refusal(strided, {array_of(size_t(kFar))}, array_of(6)),
            "plan: a value has a size of 1099511627776");
  EXPECT_EQ(refusal(strided, {{3, 2, 1, true}}, array_of(6)), "plan: a value is neither a map nor an array");
  EXPECT_EQ(refusal(strided, {{6, 1, 1, false, true}}, array_of(6)),
            "plan: a value is neither a map nor an array");
  EXPECT_EQ(refusal(named(Op::kCast, "toFloat"), {array_of(6)}, array_of(5)),
            "plan, step 0: elements: expected 6, received 5");
  EXPECT_EQ(refusal(named(Op::kCast, "toFloat"), {fixed_array(6)}, array_of(6)),
            "plan, step 0: the output differs from the input");
  EXPECT_EQ(refusal(named(Op::kUnary, "abs"), {array_of(6)}, array_of(5)),
            "plan, step 0: the output differs from the input");
  EXPECT_EQ(refusal(named(Op::kAlias), {array_of(6)}, array_of(5)),
            "plan, step 0: elements: expected 6, received 5");
  EXPECT_EQ(refusal(named(Op::kAlias), {array_of(6)}, fixed_array(6)),
            "plan, step 0: an alias of another kind of array");
  EXPECT_EQ(refusal(named(Op::kAlias), {array_of(6)}, {6, 1, 1}), "plan, step 0: expected maps");
  EXPECT_EQ(refusal(sized(Op::kConcat, 1), {}, array_of(6)), "plan, step 0: nothing to join");
  EXPECT_EQ(refusal(sized(Op::kConcat, 0), {array_of(6)}, array_of(6)), "plan, step 0: outer is 0");
  EXPECT_EQ(refusal(sized(Op::kConcat, 4), {array_of(6)}, array_of(6)),
            "plan, step 0: an input does not fit");
  EXPECT_EQ(refusal(sized(Op::kConcat, 1), {array_of(6)}, fixed_array(6)),
            "plan, step 0: an input does not fit");
  EXPECT_EQ(refusal(sized(Op::kConcat, 1), {array_of(6), array_of(1)}, array_of(6)),
            "plan, step 0: parts together: expected 6, received 7");
}

TEST(RefusesConstants, whose_values_are_missing) {
  PlanMaker maker;
  constant(&maker, Floats{1, 2});
  maker.plan.values[0].channels = 3;
  EXPECT_EQ(refusal(maker.plan), "plan, step 0: values: expected 3, received 2");
  maker.plan.values[0] = array_of(2);
  EXPECT_EQ(refusal(maker.plan), "plan, step 0: a constant is a fixed array without inputs");
}

TEST(RefusesFixedArrays, of_another_batch_than_the_plan) {
  const ValueShape map{3, 2, 1};
  EXPECT_EQ(refusal(sized(Op::kToArray, 2), {map}, fixed_array(12)),
            "plan, step 0: a fixed array of 2 rows in a plan for a batch of 0");
  EXPECT_EQ(refusal(sized(Op::kToArray, 2), {map}, fixed_array(12), 4),
            "plan, step 0: a fixed array of 2 rows in a plan for a batch of 4");
  EXPECT_EQ(refusal(sized(Op::kToMap, 2), {fixed_array(12)}, map, 4),
            "plan, step 0: a fixed array of 2 rows in a plan for a batch of 4");
  EXPECT_EQ(refusal(sized(Op::kToMap, 4), {fixed_array(12)}, map, 4),
            "plan, step 0: elements: expected 24, received 12");
  EXPECT_EQ(refusal(sized(Op::kToMap, 1), {array_of(5)}, map),
            "plan, step 0: elements: expected 6, received 5");
  EXPECT_EQ(refusal(sized(Op::kToMap, 1), {map}, map), "plan, step 0: expected a map and an array");
  EXPECT_EQ(refusal(sized(Op::kToArray, size_t(kFar)), {map}, fixed_array(12), size_t(kFar)),
            "plan: a batch of 1099511627776");
}

TEST(FixedBatch, is_the_only_one_that_runs_or_is_timed) {
  PlanMaker maker;
  add(&maker, sized(Op::kToArray, 2), {maker.input({3, 2, 1})}, fixed_array(12));
  maker.plan.batch = 2;
  const Floats x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  EXPECT_EQ(run_plan(maker.plan, {x}, 2), x);
  std::shared_ptr<Session> session;
  ASSERT_TRUE(Session::create(maker.plan, Isa::kScalar, 1, &session).ok());
  Floats y(12);
  const float* inputs[] = {x.data()};
  float* outputs[] = {y.data()};
  std::vector<double> times;
  for (const size_t batch : {0, 1, 3, 1000}) {
    EXPECT_EQ(session->run(inputs, outputs, batch).code, StatusCode::kShape);
    EXPECT_EQ(session->time_steps(batch, 1, &times).message,
              "tune: the plan is for a batch of 2, received " + std::to_string(batch));
  }
  EXPECT_TRUE(session->time_steps(2, 1, &times).ok());
}

TEST(Memory, beyond_64_bits_is_refused_at_run_time) {
  // Five values of 2^31 elements for each row are needed at once: at this batch more floats than 2^64.
  PlanMaker maker;
  const size_t x = maker.input(fixed_array(1)), huge = size_t{1} << 31;
  const PlanStep spread = looped(named(Op::kStrided), {int64_t(huge)}, {{0}, {1}});
  std::vector<size_t> spreads;
  for (int i = 0; i < 5; ++i) spreads.push_back(add(&maker, spread, {x}, array_of(huge)));
  size_t last = x;
  const PlanStep sum = looped(named(Op::kBinary, "add"), {}, {{}, {}, {}});
  for (const size_t value : spreads) last = add(&maker, sum, {value, last}, array_of(1));
  maker.plan.outputs = {x};
  std::shared_ptr<Session> session;
  ASSERT_TRUE(Session::create(maker.plan, Isa::kScalar, 1, &session).ok());
  const float in = 1;
  float out = 0;
  const float* inputs[] = {&in};
  float* outputs[] = {&out};
  EXPECT_EQ(session->run(inputs, outputs, 0x7fffffff).code, StatusCode::kNative);
  EXPECT_GE(session->arena_bytes(0x7fffffff), size_t{1} << 62);
}

}  // namespace
}  // namespace tfjs_sparse
