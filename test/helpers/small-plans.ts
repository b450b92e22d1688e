import { expect } from 'vitest';
import { PlanBuilder } from '../../lib/plan/builder.ts';
import { sizeOf } from '../../lib/plan/geometry.ts';
import { removeDead } from '../../lib/plan/passes/remove-dead.ts';
import type { Plan, ValueId, Window } from '../../lib/plan/plan.ts';
import { validatePlan } from '../../lib/plan/validate.ts';
import { Random } from './random.ts';
import { runReference } from './reference-plan.ts';

/** A window without padding or dilation. */
export function plainWindow(kernel: [number, number], strides: [number, number] = [1, 1]): Window {
  return { kernel, strides, dilations: [1, 1], padding: [0, 0, 0, 0] };
}

/** A plan of one input `x` and one output `y`, made by `build`. */
export function planOf(
  shape: readonly number[],
  build: (plan: PlanBuilder, x: ValueId, random: Random) => ValueId,
): Plan {
  const builder = new PlanBuilder();
  builder.output('y', build(builder, builder.input('x', shape), new Random()));
  const plan = builder.finish();
  validatePlan(plan);
  return plan;
}

/** Expects two plans to compute the same (but for float32 rounding of folded weights), and the second to be valid but for what `removeDead` removes. */
export function expectSameResults(before: Plan, after: Plan): void {
  // A pass alone may leave values behind that nothing makes any more.
  validatePlan(removeDead(after));
  const random = new Random();
  const batch = 2;
  const inputs = Object.fromEntries(
    before.inputs.map(({ name, value }) => [
      name,
      random.floats(batch * sizeOf(before.values[value]!.shape)),
    ]),
  );
  const expected = runReference(before, inputs, batch);
  const actual = runReference(after, inputs, batch);
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(actual[name]![i]! - value);
      expect(difference, `${name}[${i}], SEED=${random.seed}`).toBeLessThanOrEqual(1e-6 * largest);
    }
  }
}
