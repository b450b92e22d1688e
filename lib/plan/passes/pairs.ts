import type { Plan, PlanStep, ValueId } from '../plan.ts';

/** How often each value is read, by a step or as an output of the model. */
export function countReaders(plan: Plan): number[] {
  const readers = new Array<number>(plan.values.length).fill(0);
  for (const step of plan.steps) for (const input of step.inputs) readers[input]!++;
  for (const output of plan.outputs) readers[output.value]!++;
  return readers;
}

/**
 * Offers every step together with the one that makes its input to `merge`, where nobody else reads the value in
 * between. The step that `merge` returns takes the place of both; `undefined` leaves them.
 */
export function mergePairs(
  plan: Plan,
  merge: (before: PlanStep, step: PlanStep) => PlanStep | undefined,
): PlanStep[] {
  const readers = countReaders(plan);
  const steps: PlanStep[] = [];
  const makers = new Map<ValueId, number>();
  for (const step of plan.steps) {
    const [input] = step.inputs;
    const maker = input !== undefined && readers[input] === 1 ? makers.get(input) : undefined;
    const merged = maker === undefined ? undefined : merge(steps[maker]!, step);
    if (maker !== undefined && merged) {
      // All that the merged step reads is there by the time of the first of the two.
      steps[maker] = merged;
      makers.set(merged.output, maker);
    } else {
      makers.set(step.output, steps.length);
      steps.push(step);
    }
  }
  return steps;
}

const longestName = 1000;

/** Name of a step made of two: `conv+bn`; the same layer is not named twice. */
export function joinLayers(before: PlanStep, step: PlanStep): string {
  // A chain of thousands that become one step is not spelt out.
  if (before.layer.length > longestName) return before.layer;
  return before.layer.split('+').at(-1) === step.layer ? before.layer : `${before.layer}+${step.layer}`;
}
