// Every plan that build_steps refuses, with its message; none may crash.
#include <functional>

#include "reference.h"
#include "session/session.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr KernelChoice kBoth{KernelChoice::kWindow, 1, false};

/// A good plan, spoilt by one change. @returns the message
std::string refusal(const std::function<size_t(PlanMaker*)>& make, const std::function<void(Plan*)>& spoil) {
  std::string message;
  for (const Isa isa : isas_to_test()) {
    PlanMaker maker;
    const size_t output = make(&maker);
    maker.plan.outputs = {output};
    std::shared_ptr<Session> session;
    EXPECT_TRUE(Session::create(maker.plan, isa, 1, &session).ok());
    session.reset();
    spoil(&maker.plan);
    const Status status = Session::create(maker.plan, isa, 1, &session);
    EXPECT_EQ(status.code, StatusCode::kPlan);
    EXPECT_EQ(session, nullptr);
    message = status.message;
  }
  return message;
}

size_t dense(PlanMaker* maker) { return maker->matmul(maker->input({4, 1, 1}), 3, 4, 0.5, kBoth); }
size_t convolution(PlanMaker* maker) {
  WindowShape w{};
  w.kernel_height = w.kernel_width = 3;
  w.stride_y = w.stride_x = w.dilation_y = w.dilation_x = w.pad_top = w.pad_left = 1;
  return maker->conv(maker->input({2, 5, 6}), 3, w, {0, 5, 6}, 0.5, kBoth);
}
size_t windowed(PlanMaker* maker, PlanStep::Op op) {
  PlanStep step;
  step.op = op;
  step.window.kernel_height = step.window.kernel_width = 2;
  step.window.stride_y = step.window.stride_x = 2;
  step.window.dilation_y = step.window.dilation_x = 1;
  if (op == PlanStep::Op::kDepthwise) {
    step.weight = maker->keep(std::vector<float>(8, 1.0f));
    step.bias = maker->keep({1, 2});
  }
  return maker->add(step, maker->input({2, 4, 6}), {2, 2, 3});
}
size_t pooling(PlanMaker* maker) { return windowed(maker, PlanStep::Op::kMaxPool); }
size_t depthwise(PlanMaker* maker) { return windowed(maker, PlanStep::Op::kDepthwise); }
size_t affine(PlanMaker* maker) {
  PlanStep step;
  step.op = PlanStep::Op::kAffine;
  step.weight = maker->keep({1, 2});
  step.bias = maker->keep({3, 4});
  return maker->add(step, maker->input({2, 3, 1}), {2, 3, 1});
}
size_t softmax(PlanMaker* maker) { return maker->simple(PlanStep::Op::kSoftmax, maker->input({2, 3, 1})); }
size_t alias(PlanMaker* maker) { return maker->simple(PlanStep::Op::kAlias, maker->input({2, 3, 1})); }

TEST(BuildRefuses, values_without_elements_or_too_large) {
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->values[0].channels = 0; }), "plan: a value has a size of 0");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->values[1].height = 0; }), "plan: a value has a size of 0");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->values[1].width = (1 << 20) + 1; }),
            "plan: a value has a size of 1048577");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->values[1] = {1 << 20, 1 << 20, 1 << 20}; }),
            "plan: a value has 1152921504606846976 features");
}

TEST(BuildRefuses, values_that_are_not_there_or_are_made_twice) {
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->inputs = {7}; }), "plan: input 7 does not exist");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->inputs = {}; }),
            "plan, step 0: reads a value that is not there yet");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->steps[0].inputs = {99}; }),
            "plan, step 0: reads a value that is not there yet");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->steps[0].output = 99; }),
            "plan, step 0: writes a value that is already there");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->steps[0].output = 0; }),
            "plan, step 0: writes a value that is already there");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->steps.push_back(p->steps[0]); }),
            "plan, step 1: writes a value that is already there");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->outputs = {2}; }), "plan: output 2 is never made");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->steps.clear(); }), "plan: output 1 is never made");
}

TEST(BuildRefuses, weights_that_do_not_fit) {
  for (const auto& make : {dense, convolution}) {
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].weight.size -= 1; }).substr(0, 37),
              "plan, step 0: weight values: expected");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].weight = {}; }).substr(0, 37),
              "plan, step 0: weight values: expected");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].bias.size = 2; }),
              "plan, step 0: bias values: expected 3, received 2");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].n = 0; }).substr(0, 32),
              "plan, step 0: a weight of 0 x " + std::string(make == dense ? "4" : "18"));
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].k = 0; }), "plan, step 0: a weight of 3 x 0");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].n = size_t{1} << 40; }).substr(0, 40),
              "plan, step 0: a weight of 1099511627776 ");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].n = p->steps[0].k = size_t{1} << 31; }).substr(0, 37),
              "plan, step 0: a weight of 2147483648 ");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].choice.nr = 3; }),
              "plan, step 0: nr is 3, expected 0, 1, 2, 4 or 8");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].choice = {KernelChoice::kNone, 0, false}; }),
              "plan, step 0: no kernel was chosen");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].choice.slice_columns = 17; }),
              "plan, step 0: slices for 17 columns, expected at most 16");
    EXPECT_EQ(refusal(make,
                      [](Plan* p) {
                        p->steps[0].choice = {KernelChoice::kNone, 0, false,
                                              Storage::kFloat32,   1, static_cast<size_t>(-1)};
                      }),
              "plan, step 0: slices for 18446744073709551615 columns, expected at most 16");
    EXPECT_EQ(refusal(make,
                      [](Plan* p) {
                        p->steps[0].choice = {KernelChoice::kNone, 3, false, Storage::kFloat32, 1, 8};
                      }),
              "plan, step 0: nr is 3, expected 0, 1, 2, 4 or 8");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->values[1].channels = 4; }),
              "plan, step 0: outputs: expected 3, received 4");
  }
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->values[0].channels = 5; }),
            "plan, step 0: weight inputs: expected 5 or 5, received 4");
  EXPECT_EQ(refusal(dense, [](Plan* p) { p->values[1].width = 2; }),
            "plan, step 0: positions: expected 1, received 2");
  EXPECT_EQ(refusal(convolution, [](Plan* p) { p->values[0].channels = 3; }),
            "plan, step 0: weight inputs: expected 27, received 18");
  EXPECT_EQ(refusal(convolution, [](Plan* p) { p->steps[0].choice.nr = 0; }),
            "plan, step 0: no kernel was chosen");
}

TEST(BuildRefuses, windows_that_leave_the_input) {
  for (const auto& make : {convolution, pooling, depthwise}) {
    using Field = size_t WindowShape::*;
    for (const Field field : {&WindowShape::kernel_height, &WindowShape::kernel_width, &WindowShape::stride_y,
                              &WindowShape::stride_x, &WindowShape::dilation_y, &WindowShape::dilation_x}) {
      EXPECT_EQ(refusal(make, [&](Plan* p) { p->steps[0].window.*field = 0; }),
                "plan, step 0: a window has a size of 0");
      EXPECT_EQ(refusal(make, [&](Plan* p) { p->steps[0].window.*field = size_t{1} << 21; }),
                "plan, step 0: a window has a size of 2097152");
    }
    for (const Field field : {&WindowShape::pad_top, &WindowShape::pad_left})
      for (const size_t pad : {size_t{3}, static_cast<size_t>(-1)})
        EXPECT_EQ(refusal(make, [&](Plan* p) { p->steps[0].window.*field = pad; }),
                  "plan, step 0: padding is as large as the window");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->values[1].height = 20; }),
              "plan, step 0: the output is larger than the input allows");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->values[1].width = 20; }),
              "plan, step 0: the output is larger than the input allows");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->steps[0].window.stride_x = 1 << 20; }),
              "plan, step 0: the output is larger than the input allows");
  }
}

TEST(BuildRefuses, channels_that_do_not_fit) {
  EXPECT_EQ(refusal(pooling, [](Plan* p) { p->values[1].channels = 3; }),
            "plan, step 0: channels: expected 2, received 3");
  EXPECT_EQ(refusal(depthwise, [](Plan* p) { p->values[1].channels = 3; }),
            "plan, step 0: outputs: expected 2, received 3");
  EXPECT_EQ(refusal(depthwise, [](Plan* p) { p->steps[0].multiplier = 2; }),
            "plan, step 0: outputs: expected 4, received 2");
  EXPECT_EQ(refusal(depthwise, [](Plan* p) { p->steps[0].weight.size = 7; }),
            "plan, step 0: weight values: expected 8, received 7");
  EXPECT_EQ(refusal(depthwise, [](Plan* p) { p->steps[0].bias.size = 1; }),
            "plan, step 0: bias values: expected 2, received 1");
  for (const size_t multiplier : {size_t{0}, size_t{1} << 40})
    EXPECT_EQ(refusal(depthwise, [&](Plan* p) { p->steps[0].multiplier = multiplier; }),
              "plan, step 0: a multiplier of " + std::to_string(multiplier));
  for (const auto& make : {affine, softmax, alias}) {
    EXPECT_EQ(refusal(make, [](Plan* p) { p->values[1] = {3, 2, 1}; }),
              "plan, step 0: channels: expected 2, received 3");
    EXPECT_EQ(refusal(make, [](Plan* p) { p->values[1].height = 4; }),
              "plan, step 0: positions: expected 3, received 4");
  }
  EXPECT_EQ(refusal(affine, [](Plan* p) { p->steps[0].weight.size = 1; }),
            "plan, step 0: scale values: expected 2 or 6, received 1");
  EXPECT_EQ(refusal(affine, [](Plan* p) { p->steps[0].bias.size = 1; }),
            "plan, step 0: shift values: expected 2, received 1");
}

}  // namespace
}  // namespace tfjs_sparse
