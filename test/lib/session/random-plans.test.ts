import { describe, expect, it } from 'vitest';
import { formatPlan } from '../../../lib/plan/format-plan.ts';
import { sizeOf } from '../../../lib/plan/geometry.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import type { SparseMode } from '../../../lib/sparse/kernel-choice.ts';
import { Random } from '../../helpers/random.ts';
import { type Pruning, randomPlan } from '../../helpers/random-plan.ts';
import { runReference } from '../../helpers/reference-plan.ts';
import { bits, relativeDifference, sessionOf } from '../../helpers/sessions.ts';

const tolerance = 1e-5;
const batches = [1, 2, 3, 7, 8, 16, 17, 64];
const modes: SparseMode[] = ['auto', 'always', 'never'];
const prunings: Pruning[] = [
  { sparsity: 0, block: 1 },
  { sparsity: 0.5, block: 1 },
  { sparsity: 0.9, block: 1 },
  { sparsity: 0.99, block: 1 },
  { sparsity: 0.5, block: 2 },
  { sparsity: 0.9, block: 4 },
  { sparsity: 0.9, block: 8 },
];

function expectRight(plan: Plan, x: Float32Array, expected: Record<string, Float64Array>, what: string) {
  const size = x.length / 64;
  return (run: (x: { x: Float32Array }) => Record<string, Float32Array | Int32Array>, batch: number) => {
    const outputs = run({ x: x.slice(0, batch * size) });
    for (const { name, value } of plan.outputs) {
      const length = batch * sizeOf(plan.values[value]!.shape);
      const difference = relativeDifference(outputs[name]!, expected[name]!.subarray(0, length));
      expect(difference, `${name}, ${what}, batch ${batch}\n${formatPlan(plan)}`).toBeLessThan(tolerance);
    }
    return outputs;
  };
}

describe('a session of a random plan', () => {
  it.each(prunings)('equals the reference with sparsity $sparsity in blocks of $block', (pruning) => {
    const random = new Random();
    for (let i = 0; i < 12; i++) {
      const plan = randomPlan(random, pruning);
      const x = random.floats(64 * sizeOf(plan.values[plan.inputs[0]!.value]!.shape));
      const expected = runReference(plan, { x }, 64);
      for (const sparse of modes) {
        const planned = random.pick([[1, 16], [1], [64], [2, 7]]);
        const session = sessionOf(plan, { sparse, batch: planned });
        const what = `SEED=${random.seed}, plan ${i}, sparse ${sparse}, batch [${planned}]`;
        const check = expectRight(plan, x, expected, what);
        for (const batch of batches) {
          const once = check((inputs) => session.run(inputs), batch);
          const again = check((inputs) => session.run(inputs), batch);
          for (const { name } of plan.outputs) expect(bits(again[name]!)).toEqual(bits(once[name]!));
        }
        session.dispose();
      }
    }
  });

  it('equals the reference when its kernels are chosen by measuring', () => {
    const random = new Random();
    for (let i = 0; i < 8; i++) {
      const plan = randomPlan(random, random.pick(prunings));
      const x = random.floats(64 * sizeOf(plan.values[plan.inputs[0]!.value]!.shape));
      const session = sessionOf(plan, { tune: true, batch: random.pick([[1], [1, 16], [8]]) });
      const what = `SEED=${random.seed}, plan ${i}, tuned`;
      const check = expectRight(plan, x, runReference(plan, { x }, 64), what);
      for (const batch of batches) check((inputs) => session.run(inputs), batch);
      session.dispose();
    }
  });
});
