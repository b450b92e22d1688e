import type { Plan, PlanStep, ValueId } from '../plan.ts';
import { stepTensors } from '../step-tensors.ts';

/** Drops steps that no output needs, and values and tensors that no step has left. Inputs stay. */
export function removeDead(plan: Plan): Plan {
  const steps = liveSteps(plan);
  const numbers = renumber(plan, steps);
  const id = (value: ValueId): ValueId => numbers.get(value)!;
  const tensors = new Set(steps.flatMap(stepTensors));
  return {
    ...plan,
    inputs: plan.inputs.map((port) => ({ ...port, value: id(port.value) })),
    outputs: plan.outputs.map((port) => ({ ...port, value: id(port.value) })),
    values: [...numbers.keys()].map((value) => plan.values[value]!),
    steps: steps.map((step) => ({ ...step, inputs: step.inputs.map(id), output: id(step.output) })),
    tensors: Object.fromEntries(Object.entries(plan.tensors).filter(([name]) => tensors.has(name))),
    ...(plan.integers && {
      integers: Object.fromEntries(Object.entries(plan.integers).filter(([name]) => tensors.has(name))),
    }),
  };
}

function liveSteps(plan: Plan): PlanStep[] {
  const needed = new Set(plan.outputs.map((port) => port.value));
  const steps: PlanStep[] = [];
  for (const step of plan.steps.toReversed()) {
    if (!needed.has(step.output)) continue;
    for (const input of step.inputs) needed.add(input);
    steps.push(step);
  }
  return steps.reverse();
}

/** New ids by old ones, in the order in which the values appear. */
function renumber(plan: Plan, steps: readonly PlanStep[]): Map<ValueId, ValueId> {
  const order = new Set([...plan.inputs.map((port) => port.value), ...steps.map((step) => step.output)]);
  return new Map([...order].map((value, index) => [value, index]));
}
