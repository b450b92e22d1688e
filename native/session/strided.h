#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/status.h"
#include "session/plan.h"

namespace tfjs_sparse {

/// An N-d loop over several operands: on each axis every operand moves by a stride of its own, 0 to stay,
/// negative to go back.
template <size_t Operands>
struct Loop {
  struct Axis {
    size_t size;
    std::array<int64_t, Operands> strides;
  };
  /// Outermost first; never empty.
  std::vector<Axis> axes;
  std::array<int64_t, Operands> offsets{};
};

/// Axes of one size are left out and axes that continue each other become one.
template <size_t Operands>
Loop<Operands> simplify(const Loop<Operands>& loop) {
  Loop<Operands> out;
  out.offsets = loop.offsets;
  for (const auto& axis : loop.axes) {
    if (axis.size == 1) continue;
    if (!out.axes.empty()) {
      auto& last = out.axes.back();
      bool goes_on = true;
      for (size_t o = 0; o < Operands; ++o)
        goes_on &= last.strides[o] == axis.strides[o] * int64_t(axis.size);
      if (goes_on) {
        last.size *= axis.size;
        last.strides = axis.strides;
        continue;
      }
    }
    out.axes.push_back(axis);
  }
  if (out.axes.empty()) out.axes.push_back({1, {}});
  return out;
}

/// Calls inner(positions of the operands, length) for every innermost run; the run's strides are
/// axes.back().strides.
template <size_t Operands, typename Inner>
void for_each_run(const Loop<Operands>& loop, const Inner& inner) {
  const size_t outer = loop.axes.size() - 1;
  std::vector<size_t> index(outer, 0);
  std::array<int64_t, Operands> at = loop.offsets;
  for (;;) {
    inner(at, loop.axes[outer].size);
    size_t a = outer;
    for (;;) {
      if (a == 0) return;
      --a;
      const auto& axis = loop.axes[a];
      for (size_t o = 0; o < Operands; ++o) at[o] += axis.strides[o];
      if (++index[a] < axis.size) break;
      index[a] = 0;
      for (size_t o = 0; o < Operands; ++o) at[o] -= axis.strides[o] * int64_t(axis.size);
    }
  }
}

/// The loop of a plan's step, checked: operand i stays inside limits[i] elements.
/// @param limits  elements of each operand, in the order of step.strides
template <size_t Operands>
Status read_loop(const PlanStep& step, const std::array<size_t, Operands>& limits, Loop<Operands>* loop) {
  constexpr int64_t kLargest = int64_t{1} << 31;
  constexpr size_t kMostAxes = 16;
  const auto fail = [](const char* message) { return Status::Error(StatusCode::kPlan, message); };
  if (step.strides.size() != Operands || step.offsets.size() != Operands)
    return fail("operands of a loop are missing");
  if (step.sizes.size() > kMostAxes) return fail("a loop of more than 16 axes");
  int64_t count = 1;
  for (const int64_t size : step.sizes) {
    if (size < 1 || size > kLargest) return fail("an axis of a loop is out of range");
    count *= size;
    if (count > kLargest) return fail("a loop is too long");
  }
  for (size_t o = 0; o < Operands; ++o) {
    if (step.strides[o].size() != step.sizes.size()) return fail("strides of a loop are missing");
    int64_t low = step.offsets[o], high = low;
    if (low < 0 || low > kLargest) return fail("an offset of a loop is out of range");
    for (size_t a = 0; a < step.sizes.size(); ++a) {
      const int64_t stride = step.strides[o][a];
      if (stride > kLargest || stride < -kLargest) return fail("a stride of a loop is out of range");
      (stride < 0 ? low : high) += stride * (step.sizes[a] - 1);
      if (low < 0 || high >= int64_t(limits[o])) return fail("a loop leaves its operand");
    }
    if (low >= int64_t(limits[o])) return fail("a loop leaves its operand");
  }
  loop->axes.clear();
  for (size_t a = 0; a < step.sizes.size(); ++a) {
    typename Loop<Operands>::Axis axis{size_t(step.sizes[a]), {}};
    for (size_t o = 0; o < Operands; ++o) axis.strides[o] = step.strides[o][a];
    loop->axes.push_back(axis);
  }
  for (size_t o = 0; o < Operands; ++o) loop->offsets[o] = step.offsets[o];
  return Status::Ok();
}

}  // namespace tfjs_sparse
