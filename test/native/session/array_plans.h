#pragma once
// Plans of a step or two, small enough to follow by eye, their runs on every instruction set, and their
// refusals.
#include "reference.h"
#include "session/session.h"

namespace tfjs_sparse::test {

using Op = PlanStep::Op;
using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;

/// An array of one per row of the batch.
inline ValueShape array_of(size_t size, bool integers = false) { return {size, 1, 1, true, false, integers}; }
inline ValueShape fixed_array(size_t size, bool integers = false) {
  return {size, 1, 1, true, true, integers};
}

/// Integers as a session takes them: their bits in floats.
inline Floats bits(const Ints& values) {
  Floats out(values.size());
  if (!values.empty()) std::memcpy(out.data(), values.data(), values.size() * sizeof(float));
  return out;
}
inline Ints integers(const Floats& values) {
  Ints out(values.size());
  if (!values.empty()) std::memcpy(out.data(), values.data(), values.size() * sizeof(float));
  return out;
}

/// Adds a step that reads `inputs`. @returns the value that it makes, the plan's only output so far
inline size_t add(PlanMaker* maker, PlanStep step, const std::vector<size_t>& inputs, ValueShape out) {
  step.inputs = inputs;
  step.output = maker->value(out);
  maker->plan.steps.push_back(step);
  maker->plan.outputs = {step.output};
  return step.output;
}

inline size_t constant(PlanMaker* maker, const Floats& values, bool integers = false) {
  PlanStep step;
  step.op = Op::kConstant;
  step.weight = maker->keep(values);
  return add(maker, step, {}, fixed_array(values.size(), integers));
}
inline size_t constant(PlanMaker* maker, const Ints& values) { return constant(maker, bits(values), true); }

inline PlanStep named(Op op, const std::string& function = "", bool integers = false) {
  PlanStep step;
  step.op = op;
  step.function = function;
  step.integers = integers;
  return step;
}

/// A step whose operands begin at 0.
inline PlanStep looped(PlanStep step, const std::vector<int64_t>& sizes,
                       const std::vector<std::vector<int64_t>>& strides) {
  step.sizes = sizes;
  step.strides = strides;
  step.offsets.assign(strides.size(), 0);
  return step;
}

/// The only output of a run; the same bits on every instruction set.
inline Floats run_plan(const Plan& plan, const std::vector<Floats>& x, size_t batch = 1) {
  Floats first;
  for (const Isa isa : isas_to_test()) {
    std::shared_ptr<Session> session;
    const Status status = Session::create(plan, isa, 1, &session);
    EXPECT_TRUE(status.ok()) << status.message;
    if (!status.ok()) return {};
    std::vector<Exact> in;
    std::vector<const float*> inputs;
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(x[i].size(), session->input_size(i, batch));
      in.emplace_back(x[i], 1);
    }
    for (const Exact& values : in) inputs.push_back(values.data());
    Guarded out(session->output_size(0, batch));
    float* outputs[] = {out.data()};
    // Twice: the second run finds what the first left in memory.
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(session->run(inputs.data(), outputs, batch).ok());
    EXPECT_TRUE(out.intact());
    const Floats got(out.data(), out.data() + out.size());
    if (first.empty())
      first = got;
    else
      EXPECT_TRUE(same_bits(got, first)) << isa_name(isa);
  }
  return first;
}

/// @returns the message of the refusal
inline std::string refusal(const Plan& plan) {
  std::shared_ptr<Session> session;
  const Status status = Session::create(plan, Isa::kScalar, 1, &session);
  EXPECT_EQ(status.code, StatusCode::kPlan);
  EXPECT_EQ(session, nullptr);
  return status.message;
}

/// Likewise of one step on inputs of these shapes.
inline std::string refusal(const PlanStep& step, const std::vector<ValueShape>& inputs, ValueShape out,
                           size_t batch = 0) {
  PlanMaker maker;
  std::vector<size_t> values;
  for (const ValueShape& shape : inputs) values.push_back(maker.input(shape));
  add(&maker, step, values, out);
  maker.plan.batch = batch;
  return refusal(maker.plan);
}

}  // namespace tfjs_sparse::test
