#include "session/places.h"

#include <algorithm>
#include <numeric>

namespace tfjs_sparse {

namespace {

bool takes_same_memory(const ValueShape& a, const ValueShape& b) {
  return a.array == b.array && a.fixed == b.fixed && a.channels == b.channels &&
         a.positions() == b.positions();
}

}  // namespace

std::vector<size_t> assign_places(const Plan& plan, const std::vector<std::unique_ptr<Step>>& steps) {
  constexpr size_t kAlways = static_cast<size_t>(-1);
  // What an alias renames; and the last step that reads it under any of its names.
  std::vector<size_t> names(plan.values.size()), last_reads(plan.values.size(), 0);
  std::iota(names.begin(), names.end(), size_t{0});
  for (size_t s = 0; s < steps.size(); ++s) {
    const PlanStep& step = plan.steps[s];
    if (step.op == PlanStep::Op::kAlias) names[step.output] = names[step.inputs[0]];
    for (const size_t input : step.inputs) last_reads[names[input]] = s;
  }
  for (size_t s = 0; s < steps.size(); ++s)
    if (steps[s] && steps[s]->constant() != nullptr) last_reads[plan.steps[s].output] = kAlways;
  for (const size_t input : plan.inputs) last_reads[names[input]] = kAlways;
  for (const size_t output : plan.outputs) last_reads[names[output]] = kAlways;

  std::vector<size_t> places = names;
  const auto write_over = [&](const PlanStep& step, const Step& built, size_t i) {
    const size_t name = names[step.inputs[i]];
    // Of a value that it reads twice, every reading must allow it.
    for (size_t j = 0; j < step.inputs.size(); ++j)
      if (names[step.inputs[j]] == name && !built.may_write_over(j)) return;
    places[step.output] = places[step.inputs[i]];
  };
  for (size_t s = 0; s < steps.size(); ++s) {
    const PlanStep& step = plan.steps[s];
    if (step.op == PlanStep::Op::kAlias) places[step.output] = places[step.inputs[0]];
    if (!steps[s]) continue;
    for (size_t i = 0; i < step.inputs.size() && places[step.output] == step.output; ++i)
      if (last_reads[names[step.inputs[i]]] == s &&
          takes_same_memory(plan.values[step.inputs[i]], plan.values[step.output]))
        write_over(step, *steps[s], i);
  }
  return places;
}

}  // namespace tfjs_sparse
