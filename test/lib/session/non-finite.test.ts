import { describe, expect, it } from 'vitest';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitConv2d } from '../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import type { SparseMode } from '../../../lib/sparse/kernel-choice.ts';
import { Random } from '../../helpers/random.ts';
import { prunedKernel } from '../../helpers/random-plan.ts';
import { bits, sessionOf } from '../../helpers/sessions.ts';
import { plainWindow } from '../../helpers/small-plans.ts';

const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const modes: (SparseMode | 'tune')[] = ['auto', 'always', 'never', 'tune'];
/** So that the session has a vector kernel, a matrix kernel, or both. */
const planned = [[1], [16], [1, 16]];

/** inputs x outputs; the inputs in `dead` have no weight, the others are pruned to `sparsity`. */
function kernelWithDeadInputs(
  random: Random,
  inputs: number,
  outputs: number,
  sparsity: number,
  dead: number[],
) {
  const kernel = prunedKernel(random, inputs, outputs, { sparsity, block: random.pick([1, 4]) });
  for (const input of dead) kernel.fill(0, input * outputs, (input + 1) * outputs);
  return kernel;
}

function dense(kernel: Float32Array, inputs: number, outputs: number): Plan {
  const plan = new PlanBuilder();
  plan.output('y', emitDense(plan, 'dense', plan.input('x', [inputs]), { kernel, outputs }));
  return plan.finish();
}

describe('a value that is not finite', () => {
  it.each(modes)('does not reach the output over pruned weights alone, sparse %s', (mode) => {
    const random = new Random();
    const [inputs, outputs] = [150, 37];
    for (const sparsity of [0, 0.5, 0.9, 0.99]) {
      const dead = [0, 31, 32, 77, 149];
      const plan = dense(kernelWithDeadInputs(random, inputs, outputs, sparsity, dead), inputs, outputs);
      for (const batch of planned) {
        const session = sessionOf(plan, mode === 'tune' ? { tune: true, batch } : { sparse: mode, batch });
        for (const m of [1, 2, 9, 40]) {
          const x = random.floats(m * inputs);
          for (let row = 0; row < m; row++) for (const i of dead) x[row * inputs + i] = 0;
          const expected = session.run(x) as Float32Array;
          for (let row = 0; row < m; row++) for (const i of dead) x[row * inputs + i] = random.pick(bad);
          const actual = session.run(x) as Float32Array;
          const what = `SEED=${random.seed}, sparsity ${sparsity}, batch [${batch}], m ${m}`;
          const worst = actual.reduce((most, y, i) => Math.max(most, Math.abs(y - expected[i]!)), 0);
          expect(worst, what).toBeLessThan(1e-5);
        }
      }
    }
  });

  it.each(modes)('reaches the outputs that have a weight for it, and no others, sparse %s', (mode) => {
    const random = new Random();
    const [inputs, outputs] = [40, 20];
    const kernel = prunedKernel(random, inputs, outputs, { sparsity: 0.7, block: 1 });
    for (const batch of planned) {
      const session = sessionOf(
        dense(kernel, inputs, outputs),
        mode === 'tune' ? { tune: true, batch } : { sparse: mode, batch },
      );
      for (const m of [1, 5, 16]) {
        const x = random.floats(m * inputs);
        const [row, input] = [random.integer(0, m - 1), random.integer(0, inputs - 1)];
        x[row * inputs + input] = Number.NaN;
        const y = session.run(x);
        for (let i = 0; i < y.length; i++) {
          const isReached = Math.floor(i / outputs) === row && kernel[input * outputs + (i % outputs)] !== 0;
          expect(Number.isNaN(y[i]), `SEED=${random.seed}, m ${m}, output ${i}`).toBe(isReached);
        }
      }
    }
  });

  it.each(modes)('stays out of a convolution where its channel is pruned, sparse %s', (mode) => {
    const random = new Random();
    const [channels, outputs] = [6, 9];
    const dead = Array.from({ length: 9 }, (_, tap) => tap * channels + 2);
    const plan = new PlanBuilder();
    const window = { ...plainWindow([3, 3]), padding: [1, 1, 1, 1] as [number, number, number, number] };
    const kernel = kernelWithDeadInputs(random, 9 * channels, outputs, 0.5, dead);
    plan.output(
      'y',
      emitConv2d(plan, 'conv', plan.input('x', [7, 6, channels]), { kernel, outputs, window }),
    );
    const session = sessionOf(plan.finish(), mode === 'tune' ? { tune: true } : { sparse: mode });
    for (const m of [1, 3, 16]) {
      const x = random.floats(m * 42 * channels);
      for (let i = 2; i < x.length; i += channels) x[i] = 0;
      const expected = session.run(x) as Float32Array;
      for (let i = 2; i < x.length; i += channels) x[i] = random.pick(bad);
      const actual = session.run(x) as Float32Array;
      const worst = actual.reduce((most, y, i) => Math.max(most, Math.abs(y - expected[i]!)), 0);
      expect(worst, `SEED=${random.seed}, m ${m}`).toBeLessThan(1e-5);
    }
  });

  it('leaves nothing behind for the next run', () => {
    const random = new Random();
    const session = sessionOf(dense(prunedKernel(random, 64, 32, { sparsity: 0.9, block: 1 }), 64, 32));
    for (const m of [1, 5, 16]) {
      const x = random.floats(m * 64);
      const before = bits(session.run(x) as Float32Array);
      session.run(new Float32Array(m * 64).fill(Number.NaN));
      expect(bits(session.run(x) as Float32Array)).toEqual(before);
      // Other batches share the memory.
      session.run(new Float32Array((m + 3) * 64).fill(Number.POSITIVE_INFINITY));
      expect(bits(session.run(x) as Float32Array)).toEqual(before);
    }
  });
});
