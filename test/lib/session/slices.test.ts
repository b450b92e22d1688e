import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { nativeInfo } from '../../../lib/native/info.ts';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitConv2d } from '../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { compile } from '../../../lib/session/compile.ts';
import { storages } from '../../../lib/sparse/storage.ts';
import { Random } from '../../helpers/random.ts';
import { prunedKernel } from '../../helpers/random-plan.ts';
import { runReference } from '../../helpers/reference-plan.ts';
import { relativeDifference, sessionOf } from '../../helpers/sessions.ts';
import { plainWindow } from '../../helpers/small-plans.ts';
import { storedPlan } from '../../helpers/stored-weight.ts';

/** The cost model takes slices on these alone: what a kernel's name or a reason matches there, and elsewhere. */
const isMeasured = /avx2_fma|avx512/.test(nativeInfo().isa);
const named = (pattern: RegExp) => (isMeasured ? pattern : /./);

const [inputs, outputs] = [600, 300];

function dense(random: Random, sparsity: number, block = 1): Plan {
  const plan = new PlanBuilder();
  const kernel = prunedKernel(random, inputs, outputs, { sparsity, block });
  const x = plan.input('x', [inputs]);
  plan.output('y', emitDense(plan, 'layer', x, { kernel, outputs, bias: random.floats(outputs) }));
  return plan.finish();
}

describe('a session for a few rows', () => {
  it.each([
    [[4], [4]],
    [[8], [3, 4, 8, 64]],
    [
      [1, 8, 64],
      [4, 8],
    ],
  ])('planned for batches of %j takes slices for %j', (batch, expected) => {
    const session = sessionOf(dense(new Random(), 0.9), { batch });
    for (const m of expected) {
      const [step] = session.describe(m).steps;
      expect(step!.kernel).toMatch(named(/^spmm_slices_f32_/));
      expect(step!.reason).toMatch(named(/ zeros, unstructured: slices estimated at .*spmm nr 1 /));
    }
  });

  it('takes windows for one row beside them, and a matrix kernel for many', () => {
    const session = sessionOf(dense(new Random(), 0.9), { batch: [1, 8, 64] });
    expect(session.describe(1).steps[0]!.kernel).toMatch(named(/^spmv_window_/));
    expect(session.describe(64).steps[0]!.kernel).toMatch(named(/^spmm_(csr|slices_f32_minmax_24x4)_/));
    const alone = sessionOf(dense(new Random(), 0.9), { batch: [8] });
    expect(session.describe().weightBytes).toBeGreaterThan(
      (isMeasured ? 2 : 0.5) * alone.describe().weightBytes,
    );
  });

  it('takes none where outputs share their inputs, nothing is zero, or dense was asked for', () => {
    const random = new Random();
    const kernel = (plan: Plan, sparse: 'auto' | 'never' = 'auto') =>
      sessionOf(plan, { batch: [8], sparse }).describe().steps[0]!.kernel;
    expect(kernel(dense(random, 0.9, 4))).toMatch(named(/^spmm_bsr_/));
    expect(kernel(dense(random, 0))).not.toContain('slices');
    expect(kernel(dense(random, 0.9), 'never')).not.toContain('slices');
    expect(kernel(dense(random, 0.9))).toMatch(named(/slices/));
  });

  it('takes them for convolutions with a few positions, of one tap and of nine', () => {
    const random = new Random();
    const plan = new PlanBuilder();
    const shape = { outputs: 200, window: plainWindow([1, 1]) };
    const wide = emitConv2d(plan, 'wide', plan.input('x', [4, 4, 64]), {
      kernel: prunedKernel(random, 9 * 64, 150, { sparsity: 0.9, block: 1 }),
      outputs: 150,
      window: plainWindow([3, 3]),
    });
    const pointwise = prunedKernel(random, 150, 200, { sparsity: 0.9, block: 1 });
    plan.output('y', emitConv2d(plan, 'narrow', wide, { ...shape, kernel: pointwise }));
    const made = plan.finish();
    const session = sessionOf(made, { batch: [1] });
    for (const { kernel } of session.describe().steps) expect(kernel).toMatch(named(/^spmm_slices_/));
    for (const batch of [1, 2, 3]) {
      const x = random.floats(batch * 4 * 4 * 64);
      const difference = relativeDifference(session.run({ x }).y!, runReference(made, { x }, batch).y!);
      expect(difference, `SEED=${random.seed}, batch ${batch}`).toBeLessThan(1e-5);
    }
  });

  it('takes them for the recurrent products of an LSTM', async () => {
    const random = new Random();
    const model = tf.sequential({
      layers: [tf.layers.lstm({ units: 200, inputShape: [5, 40], recurrentInitializer: 'zeros' })],
    });
    for (const weight of model.weights)
      if (weight.shape.length === 2)
        weight.write(
          tf.tensor(prunedKernel(random, weight.shape[0]!, weight.shape[1]!, { sparsity: 0.9, block: 1 }), [
            weight.shape[0]!,
            weight.shape[1]!,
          ]),
        );
    const session = await compile(model, { batch: [6] });
    const recurrence = session.describe().steps.find(({ op }) => op === 'recurrence')!;
    expect(recurrence.kernel).toMatch(named(/slices/));
    const x = random.floats(6 * 5 * 40);
    const expected = model.predict(tf.tensor(x, [6, 5, 40])) as tf.Tensor;
    expect(relativeDifference(session.run(x), await expected.data())).toBeLessThan(1e-5);
  });
});

describe.each(storages)('slices of %s in a session', (storage) => {
  it('give what the definition gives, whatever the batch', () => {
    const random = new Random();
    const plan = dense(random, 0.9);
    const stored = storedPlan(plan, storage);
    for (const tune of [false, true]) {
      const session = sessionOf(plan, { storage, tune, batch: [1, 4, 40] });
      for (const batch of [1, 2, 3, 4, 5, 8, 9, 40]) {
        const x = random.floats(batch * inputs);
        const what = `SEED=${random.seed}, batch ${batch}, ${session.describe(batch).steps[0]!.kernel}`;
        const difference = relativeDifference(session.run({ x }).y!, runReference(stored, { x }, batch).y!);
        expect(difference, what).toBeLessThan(1e-5);
      }
    }
  });
});
