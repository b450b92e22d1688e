#pragma once
// A plan run the slow way: plain loops in double precision, every value with the error that a float
// computation may have reached there.
#include <algorithm>
#include <cmath>
#include <vector>

#include "numbers.h"
#include "session/plan.h"

namespace tfjs_sparse::test {

/// Element (c, p, b) of a value [channels][positions][batch].
inline size_t at(const ValueShape& shape, size_t batch, size_t c, size_t p, size_t b) {
  return (c * shape.positions() + p) * batch + b;
}

/// The activations that the tests of plans use, none steeper than 1.1; their own error is below 2e-6.
inline Number activate(const ActivationCall& activation, Number x) {
  const double v = x.value, bound = 1.1 * x.bound;
  const auto with_own_error = [&](double y) { return Number{y, bound + 2e-6 * (std::fabs(y) + 0.1)}; };
  switch (activation.type) {
    case Activation::kLinear:
      return x;
    case Activation::kRelu:
      return {v < 0 ? 0 : v, x.bound};
    case Activation::kRelu6:
      return {v < 0 ? 0 : v > 6 ? 6 : v, x.bound};
    case Activation::kClamp:
      return {v < activation.min ? activation.min : v > activation.max ? activation.max : v, x.bound};
    case Activation::kTanh:
      return with_own_error(std::tanh(v));
    case Activation::kSwish:
      return with_own_error(v / (1 + std::exp(-v)));
    case Activation::kElu:
      return with_own_error(v < 0 ? std::expm1(v) : v);
    default:
      ADD_FAILURE() << "the reference lacks activation " << int(activation.type);
      return x;
  }
}

/// The outputs of one step, as [channels][positions][batch].
inline std::vector<Number> run_reference_step(const Plan& plan, const PlanStep& step, size_t batch,
                                              const std::vector<Number>& x) {
  const ValueShape &in = plan.values[step.inputs[0]], &out = plan.values[step.output];
  std::vector<Number> y(out.features() * batch);
  if (step.op == PlanStep::Op::kAlias) return x;
  if (step.op == PlanStep::Op::kSoftmax) {
    const size_t groups = step.whole ? 1 : in.positions(), members = in.features() / groups;
    for (size_t g = 0; g < groups; ++g)
      for (size_t b = 0; b < batch; ++b) {
        const auto index = [&](size_t i) { return (step.whole ? i : i * groups + g) * batch + b; };
        double largest = -kInfinity, sum = 0, bound = 0;
        for (size_t i = 0; i < members; ++i) largest = std::max(largest, x[index(i)].value);
        for (size_t i = 0; i < members; ++i) {
          sum += std::exp(x[index(i)].value - largest);
          bound = std::max(bound, x[index(i)].bound);
        }
        for (size_t i = 0; i < members; ++i) {
          const double value = std::exp(x[index(i)].value - largest) / sum;
          // exp(x + e) / sum is off by a factor of exp(2 e) at most; rounding grows with the members.
          y[index(i)] = {value, value * (std::expm1(2 * bound) + 1e-5 + double(members) * 1.2e-7) + 3e-38};
        }
      }
    return y;
  }
  for (size_t c = 0; c < out.channels; ++c)
    for (size_t p = 0; p < out.positions(); ++p)
      for (size_t b = 0; b < batch; ++b) {
        Sum sum(step.bias.data != nullptr && step.op != PlanStep::Op::kAffine ? Number{step.bias.data[c], 0}
                                                                              : Number{});
        double largest = -kInfinity, largest_bound = 0;
        size_t count = 0;
        const WindowShape& w = step.window;
        const auto for_each_tap = [&](auto visit) {
          for (size_t tap = 0; tap < w.kernel_height * w.kernel_width; ++tap) {
            const long row =
                long(p / out.width * w.stride_y + tap / w.kernel_width * w.dilation_y) - long(w.pad_top);
            const long column =
                long(p % out.width * w.stride_x + tap % w.kernel_width * w.dilation_x) - long(w.pad_left);
            if (row >= 0 && column >= 0 && row < long(in.height) && column < long(in.width))
              visit(tap, size_t(row) * in.width + size_t(column));
          }
        };
        const auto add = [&](float weight, const Number& value) {
          if (weight != 0) sum.add(weight, value);  // a pruned weight contributes nothing
        };
        switch (step.op) {
          case PlanStep::Op::kMatmul:
            for (size_t k = 0; k < step.k; ++k)
              add(step.weight.data[c * step.k + k],
                  x[step.k == in.channels ? at(in, batch, k, p, b) : k * batch + b]);
            break;
          case PlanStep::Op::kConv2d:
            for_each_tap([&](size_t tap, size_t position) {
              for (size_t channel = 0; channel < in.channels; ++channel)
                add(step.weight.data[c * step.k + tap * in.channels + channel],
                    x[at(in, batch, channel, position, b)]);
            });
            break;
          case PlanStep::Op::kDepthwise:
            for_each_tap([&](size_t tap, size_t position) {
              add(step.weight.data[c * w.kernel_height * w.kernel_width + tap],
                  x[at(in, batch, c / step.multiplier, position, b)]);
            });
            break;
          case PlanStep::Op::kMaxPool:
          case PlanStep::Op::kAvgPool:
            for_each_tap([&](size_t, size_t position) {
              const Number& value = x[at(in, batch, c, position, b)];
              sum.add(1, value);
              largest = std::max(largest, value.value);
              largest_bound = std::max(largest_bound, value.bound);
              ++count;
            });
            break;
          case PlanStep::Op::kAffine: {
            const size_t i = step.weight.size == in.channels ? c : c * in.positions() + p;
            sum = Sum({step.bias.data[i], 0});
            sum.add(step.weight.data[i], x[at(in, batch, c, p, b)]);
            break;
          }
          default:
            sum = Sum(x[at(in, batch, c, p, b)]);
        }
        Number result = step.op == PlanStep::Op::kActivation ? x[at(in, batch, c, p, b)] : sum.result();
        if (step.op == PlanStep::Op::kMaxPool) result = {largest, largest_bound};
        if (step.op == PlanStep::Op::kAvgPool)
          result = {result.value / double(count), 2 * result.bound / double(count)};
        y[at(out, batch, c, p, b)] = activate(step.activation, result);
      }
  return y;
}

/// Outputs of the plan as Session::run gives them: row-major [batch][positions][channels].
inline std::vector<std::vector<Number>> run_reference(const Plan& plan,
                                                      const std::vector<std::vector<float>>& inputs,
                                                      size_t batch) {
  std::vector<std::vector<Number>> values(plan.values.size());
  const auto row_major = [&](const ValueShape& shape, size_t c, size_t p, size_t b) {
    return (b * shape.positions() + p) * shape.channels + c;
  };
  const auto for_each = [&](const ValueShape& shape, auto visit) {
    for (size_t c = 0; c < shape.channels; ++c)
      for (size_t p = 0; p < shape.positions(); ++p)
        for (size_t b = 0; b < batch; ++b) visit(at(shape, batch, c, p, b), row_major(shape, c, p, b));
  };
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    const ValueShape& shape = plan.values[plan.inputs[i]];
    values[plan.inputs[i]].resize(shape.features() * batch);
    for_each(shape, [&](size_t to, size_t from) { values[plan.inputs[i]][to] = {inputs[i][from], 0}; });
  }
  for (const PlanStep& step : plan.steps)
    values[step.output] = run_reference_step(plan, step, batch, values[step.inputs[0]]);
  std::vector<std::vector<Number>> outputs;
  for (const size_t output : plan.outputs) {
    outputs.emplace_back(values[output].size());
    for_each(plan.values[output], [&](size_t from, size_t to) { outputs.back()[to] = values[output][from]; });
  }
  return outputs;
}

/// A plan under construction, which owns its weights.
class PlanMaker {
 public:
  /// @returns the value's index
  size_t value(ValueShape shape) {
    plan.values.push_back(shape);
    return plan.values.size() - 1;
  }
  size_t input(ValueShape shape) {
    plan.inputs.push_back(value(shape));
    return plan.inputs.back();
  }
  WeightView keep(std::vector<float> values) {
    weights_.push_back(std::make_unique<std::vector<float>>(std::move(values)));
    return {weights_.back()->data(), weights_.back()->size()};
  }
  /// Adds a step to a value of `shape`. @returns that value
  size_t add(PlanStep step, size_t from, ValueShape shape) {
    step.inputs = {from};
    step.output = value(shape);
    plan.steps.push_back(step);
    return step.output;
  }
  size_t matmul(size_t from, size_t n, size_t k, double density, KernelChoice choice,
                ActivationCall activation = {}, bool biased = true) {
    const ValueShape in = plan.values[from];
    PlanStep step = weighted(PlanStep::Op::kMatmul, n, k, density, choice, activation, biased);
    return add(step, from, k == in.channels ? ValueShape{n, in.height, in.width} : ValueShape{n, 1, 1});
  }
  size_t conv(size_t from, size_t n, WindowShape window, ValueShape out, double density, KernelChoice choice,
              ActivationCall activation = {}) {
    PlanStep step = weighted(PlanStep::Op::kConv2d, n,
                             window.kernel_height * window.kernel_width * plan.values[from].channels, density,
                             choice, activation, true);
    step.window = window;
    return add(step, from, {n, out.height, out.width});
  }
  size_t simple(PlanStep::Op op, size_t from, ActivationCall activation = {}, bool whole = false) {
    PlanStep step;
    step.op = op;
    step.activation = activation;
    step.whole = whole;
    return add(step, from, plan.values[from]);
  }

  Plan plan;

 private:
  PlanStep weighted(PlanStep::Op op, size_t n, size_t k, double density, KernelChoice choice,
                    ActivationCall activation, bool biased) {
    PlanStep step;
    step.op = op;
    step.n = n;
    step.k = k;
    step.choice = choice;
    step.activation = activation;
    std::vector<float> weight = sparse(n, k, density, 31 * weights_.size() + n);
    const float scale = 1 / std::sqrt(float(k) * float(density) + 1);
    for (float& w : weight) w *= scale;
    step.weight = keep(std::move(weight));
    if (biased) step.bias = keep(normal(n, weights_.size()));
    return step;
  }

  std::vector<std::unique_ptr<std::vector<float>>> weights_;
};

}  // namespace tfjs_sparse::test
