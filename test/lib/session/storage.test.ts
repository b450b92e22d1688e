import { describe, expect, it } from 'vitest';
import type { SparseError } from '../../../lib/errors.ts';
import { PlanBuilder } from '../../../lib/plan/builder.ts';
import { emitConv2d } from '../../../lib/plan/emit/conv2d.ts';
import { emitDense } from '../../../lib/plan/emit/dense.ts';
import { emitReshape } from '../../../lib/plan/emit/reshape.ts';
import { sizeOf } from '../../../lib/plan/geometry.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { SparseSession } from '../../../lib/session/session.ts';
import { type Storage, storageBytes } from '../../../lib/sparse/storage.ts';
import { Random } from '../../helpers/random.ts';
import { prunedKernel, randomPlan } from '../../helpers/random-plan.ts';
import { runReference } from '../../helpers/reference-plan.ts';
import { bits, relativeDifference, sessionOf } from '../../helpers/sessions.ts';
import { plainWindow } from '../../helpers/small-plans.ts';
import { storedPlan } from '../../helpers/stored-weight.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';
import { failure } from '../sparse/failure.ts';

const inFolder = temporaryFolder();
const narrow: Storage[] = ['bfloat16', 'int8'];

function densePlan(kernel: Float32Array, outputs: number): Plan {
  const plan = new PlanBuilder();
  const x = plan.input('x', [kernel.length / outputs]);
  plan.output('y', emitDense(plan, 'layer', x, { kernel, outputs }));
  return plan.finish();
}

/** A convolution, a flatten and a product. */
function network(random: Random, sparsity: number): Plan {
  const plan = new PlanBuilder();
  const conv = emitConv2d(plan, 'conv', plan.input('x', [8, 8, 3]), {
    kernel: prunedKernel(random, 27, 12, { sparsity, block: 1 }),
    outputs: 12,
    window: plainWindow([3, 3]),
    bias: random.floats(12),
  });
  const flat = emitReshape(plan, 'flatten', conv, [6 * 6 * 12])!;
  const kernel = prunedKernel(random, 432, 20, { sparsity, block: 1 });
  plan.output('y', emitDense(plan, 'dense', flat, { kernel, outputs: 20, bias: random.floats(20) }));
  return plan.finish();
}

describe.each(narrow)('a session that stores %s', (storage) => {
  it('computes with the weights that the storage keeps, and float32 sums', () => {
    const random = new Random();
    for (let i = 0; i < 24; i++) {
      const pruning = { sparsity: random.pick([0, 0.5, 0.9, 0.99]), block: random.pick([1, 2, 4, 8]) };
      const plan = randomPlan(random, pruning);
      const x = random.floats(33 * sizeOf(plan.values[plan.inputs[0]!.value]!.shape));
      const expected = runReference(storedPlan(plan, storage), { x }, 33);
      const sparse = random.pick(['auto', 'always', 'never'] as const);
      const session = sessionOf(plan, { storage, sparse, tune: i % 8 === 7 && sparse === 'auto' });
      for (const batch of [1, 2, 9, 33]) {
        const outputs = session.run({ x: x.slice(0, (batch * x.length) / 33) });
        for (const { name, value } of plan.outputs) {
          const length = batch * sizeOf(plan.values[value]!.shape);
          const difference = relativeDifference(outputs[name]!, expected[name]!.subarray(0, length));
          const what = `SEED=${random.seed}, plan ${i}, ${JSON.stringify(pruning)}, ${sparse}, batch ${batch}`;
          expect(difference, what).toBeLessThan(1e-5);
        }
      }
      session.dispose();
    }
  });

  it('takes the bytes of the storage and says so', () => {
    const plan = network(new Random(), 0.9);
    const wide = sessionOf(plan, { sparse: 'never' }).describe();
    const { steps, weightBytes } = sessionOf(plan, { storage, sparse: 'never' }).describe();
    expect(steps.map((step) => step.storage)).toEqual([storage, storage]);
    expect(weightBytes).toBeLessThan(wide.weightBytes * (storageBytes[storage] / 4 + 0.1));
    const tag = storage === 'int8' ? '_i8_' : '_bf16_';
    for (const step of steps) expect(step.kernel).toContain(tag);
    expect(wide.steps.map((step) => step.storage)).toEqual(['float32', 'float32']);
  });

  it('is saved with float32 weights and loaded with the storage that is asked for', async () => {
    const random = new Random();
    const plan = network(random, 0.5);
    const session = sessionOf(plan, { storage });
    const file = inFolder(`${storage}.safetensors`);
    await session.save(file);
    const x = random.floats(2 * 8 * 8 * 3);
    const same = await SparseSession.load(file, { storage });
    expect(bits(same.run(x))).toEqual(bits(session.run(x)));
    const exact = await SparseSession.load(file);
    expect(bits(exact.run(x))).toEqual(bits(sessionOf(plan).run(x)));
  });

  it('gives the same bits on any number of threads', () => {
    const random = new Random();
    const plan = densePlan(prunedKernel(random, 600, 700, { sparsity: 0.7, block: 1 }), 700);
    const x = random.floats(33 * 600);
    for (const batch of [1, 33]) {
      const inputs = x.slice(0, batch * 600);
      const expected = bits(sessionOf(plan, { storage }).run(inputs));
      for (const threads of [2, 3])
        expect(bits(sessionOf(plan, { storage, threads }).run(inputs))).toEqual(expected);
    }
  });

  it('has zeros for an output whose weights are all zero, whatever meets it', () => {
    const kernel = Float32Array.of(0, 1, 0, -2, 0, 3); // [3 inputs, 2 outputs], the first without a weight
    for (const sparse of ['always', 'never'] as const) {
      const session = sessionOf(densePlan(kernel, 2), { storage, sparse });
      const y = session.run(Float32Array.of(1, 1, 1, Number.NaN, Number.POSITIVE_INFINITY, 0));
      expect(y[0]).toBe(0);
      expect(y[1]).toBeCloseTo(2, 1);
      expect([y[2], y[3]]).toEqual([0, Number.NaN]);
    }
  });
});

describe('the error of a storage', () => {
  it('is half a scale per weight for int8 and 2⁻⁸ of a weight for bfloat16, at most', () => {
    const random = new Random();
    for (let i = 0; i < 10; i++) {
      const [k, n] = [random.integer(1, 300), random.integer(1, 50)];
      const kernel = prunedKernel(random, k, n, { sparsity: random.pick([0, 0.9]), block: 1 });
      const plan = densePlan(kernel, n);
      const x = random.floats(k);
      const exact = runReference(plan, { x }, 1).y!;
      for (const storage of narrow) {
        const y = sessionOf(plan, { storage }).run(x);
        for (let output = 0; output < n; output++) {
          const weights = Array.from({ length: k }, (_, input) => kernel[input * n + output]!);
          const scale = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0) / 127;
          let bound = 0;
          weights.forEach((weight, input) => {
            if (weight === 0) return;
            const error = storage === 'int8' ? scale / 2 : Math.abs(weight) * 2 ** -8;
            // Sums round too: at most the number of terms · 2⁻²³ of every product.
            bound += Math.abs(x[input]!) * (error * 1.0001 + (k + 2) * 2 ** -23 * Math.abs(weight));
          });
          const what = `SEED=${random.seed}, ${k} x ${n}, ${storage}, output ${output}`;
          expect(Math.abs(y[output]! - exact[output]!), what).toBeLessThanOrEqual(bound);
        }
      }
    }
  });
});

describe('storage', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a weight of %d as int8, naming the layer',
    (bad) => {
      const plan = densePlan(Float32Array.of(1, 2, 3, bad), 2);
      const error = failure(() => sessionOf(plan, { storage: 'int8' })) as SparseError;
      expect(error.code).toBe('ERR_SPARSE_STORAGE');
      expect(error.layer).toBe('layer');
      expect(error.message).toMatch(
        /of layer "layer" is (NaN|Infinity) at position 3, expected finite weights/,
      );
      expect(sessionOf(plan, { storage: 'bfloat16' }).run(Float32Array.of(1, 0))).toEqual(
        Float32Array.of(1, Number.NaN),
      );
    },
  );

  it('is refused when it is unknown', () => {
    const plan = densePlan(Float32Array.of(1), 1);
    const error = failure(() => sessionOf(plan, { storage: 'int4' as never })) as SparseError;
    expect(error.code).toBe('ERR_SPARSE_OPTION');
    expect(error.message).toContain('storage is "int4", expected one of float32, bfloat16, int8');
  });
});
