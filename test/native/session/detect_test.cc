// Steps that find places: what they find, and plans that they refuse.
#include "array_plans.h"

namespace tfjs_sparse {
namespace {

using namespace test;

PlanStep where_step(const std::vector<int64_t>& sizes) {
  PlanStep step = named(Op::kWhere);
  step.sizes = sizes;
  return step;
}
PlanStep suppression(const std::string& gives, double overlap, double lowest, double sigma = 0) {
  PlanStep step = named(Op::kNonMaxSuppression, gives);
  step.thresholds = {overlap, lowest, sigma};
  return step;
}

TEST(Where, gives_coordinates_in_order_and_then_minus_one) {
  PlanMaker maker;
  const size_t x = maker.input(array_of(6, true));
  add(&maker, where_step({2, 3}), {x}, array_of(12, true));
  const Ints all = integers(run_plan(maker.plan, {bits({0, 1, 0, 7, 0, -1, 0, 0, 0, 0, 0, 0})}, 2));
  EXPECT_EQ(all, (Ints{0,  1,  1,  0,  1,  2,  -1, -1, -1, -1, -1, -1,  //
                       -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}));
}

/// Two boxes nearly the same, one elsewhere, one without area.
const Floats kBoxes = {0, 0, 2, 2, 0, 0, 2, 1.9f, 5, 5, 6, 6, 1, 1, 1, 1};

Floats suppress(const PlanStep& step, const Floats& scores, size_t most) {
  PlanMaker maker;
  const size_t boxes = maker.input(array_of(16)), of = maker.input(array_of(4));
  add(&maker, step, {boxes, of}, array_of(most, step.function == "indices"));
  return run_plan(maker.plan, {kBoxes, scores});
}

TEST(NonMaxSuppression, takes_the_highest_and_drops_what_overlaps) {
  const PlanStep step = suppression("indices", 0.5, 0);
  EXPECT_EQ(integers(suppress(step, {0.5f, 0.9f, 0.7f, 0.1f}, 4)), (Ints{1, 2, 3, -1}));
  EXPECT_EQ(integers(suppress(step, {0.5f, 0.9f, 0.7f, 0.1f}, 2)), (Ints{1, 2}));
  EXPECT_EQ(integers(suppress(step, {0.5f, 0.5f, 0.5f, 0.5f}, 4)),
            (Ints{0, 2, 3, -1}));  // the lower of a tie
  EXPECT_EQ(integers(suppress(step, {-1, 0, kNan, -kInfinity}, 4)), (Ints{-1, -1, -1, -1}));
  EXPECT_EQ(suppress(suppression("scores", 0.5, 0), {0.5f, 0.9f, 0.7f, 0.1f}, 4),
            (Floats{0.9f, 0.7f, 0.1f, 0}));
}

TEST(NonMaxSuppression, softly_lowers_the_score_of_what_overlaps) {
  const Floats scores = suppress(suppression("scores", 1, 0, 0.5), {0.5f, 0.9f, 0.7f, 0.1f}, 4);
  EXPECT_EQ(scores[0], 0.9f);
  EXPECT_EQ(scores[1], 0.7f);
  // Intersection over union is 3.8 / 4.
  EXPECT_NEAR(scores[2], 0.5 * std::exp(-0.95 * 0.95), 1e-6);
  EXPECT_EQ(scores[3], 0.1f);
}

TEST(NonMaxSuppression, of_boxes_that_are_not_finite_ends) {
  PlanMaker maker;
  const size_t boxes = maker.input(array_of(8)), of = maker.input(array_of(2));
  add(&maker, suppression("indices", 0.5, 0, 0.5), {boxes, of}, array_of(2, true));
  const Floats odd = {kNan, 0, kInfinity, 1, -kInfinity, kNan, 2, kInfinity};
  const Ints found = integers(run_plan(maker.plan, {odd, {kInfinity, 1}}));
  EXPECT_EQ(found.size(), 2u);
}

std::string refusal(const PlanStep& step, const std::vector<ValueShape>& inputs, ValueShape out) {
  PlanMaker maker;
  std::vector<size_t> values;
  for (const ValueShape& shape : inputs) values.push_back(maker.input(shape));
  add(&maker, step, values, out);
  std::shared_ptr<Session> session;
  const Status status = Session::create(maker.plan, Isa::kScalar, 1, &session);
  EXPECT_EQ(status.code, StatusCode::kPlan);
  return status.message;
}

TEST(RefusesWhere, whose_sizes_do_not_fit_or_overflow) {
  const std::string axes = "plan, step 0: the input has no such axes";
  const int64_t far = int64_t{1} << 40;
  for (const std::vector<int64_t>& sizes :
       {std::vector<int64_t>{}, {2, 2}, {7}, {0}, {-2, -3}, {far, far}, {2, 3, 2}})
    EXPECT_EQ(refusal(where_step(sizes), {array_of(6, true)}, array_of(12, true)), axes);
  EXPECT_EQ(refusal(where_step({2, 3}), {array_of(6, true)}, array_of(6, true)),
            "plan, step 0: coordinates: expected 12, received 6");
  EXPECT_EQ(refusal(where_step({6}), {{6, 1, 1}}, array_of(6, true)),
            "plan, step 0: an input is no array, or one of each row of a batch");
}

TEST(RefusesNonMaxSuppression, whose_sizes_or_thresholds_do_not_fit) {
  const std::vector<ValueShape> in = {array_of(16), array_of(4)};
  PlanStep step = suppression("indices", 0.5, 0);
  EXPECT_EQ(refusal(step, in, array_of(5, true)), "plan, step 0: more places than boxes");
  EXPECT_EQ(refusal(step, {array_of(15), array_of(4)}, array_of(4, true)),
            "plan, step 0: coordinates: expected 16, received 15");
  EXPECT_EQ(refusal(step, {array_of(16)}, array_of(4, true)), "plan, step 0: reads 1 values, expected 2");
  EXPECT_EQ(refusal(step, in, fixed_array(4, true)),
            "plan, step 0: an input is no array, or one of each row of a batch");
  EXPECT_EQ(refusal(suppression("boxes", 0.5, 0), in, array_of(4, true)),
            "plan, step 0: no function \"boxes\"");
  EXPECT_EQ(refusal(suppression("indices", kNan, 0), in, array_of(4, true)),
            "plan, step 0: expected three thresholds");
  step.thresholds.pop_back();
  EXPECT_EQ(refusal(step, in, array_of(4, true)), "plan, step 0: expected three thresholds");
}

}  // namespace
}  // namespace tfjs_sparse
