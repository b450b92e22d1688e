import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptCount } from '../../../lib/pruning/counts.ts';
import { magnitude } from '../../../lib/pruning/criteria/magnitude.ts';
import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import { countZeros, zeroFraction } from '../../../lib/pruning/get-sparsity.ts';
import { maskByMagnitude } from '../../../lib/pruning/mask.ts';
import {
  assertSparsity,
  constantSparsity,
  getSparsity,
  type PruneConfig,
  polynomialDecay,
  prune,
  pruneLowMagnitude,
  pruneOnce,
  type SparsityMiss,
  withMasks,
} from '../../../lib/pruning.ts';
import { tf } from './backends.ts';
import { data, smallModel } from './models.ts';

/** The small model with these numbers of zeros in its two kernels. */
function withZeros(first: number, second: number) {
  const model = smallModel();
  const kernel = (shape: [number, number], zeros: number) =>
    tf.tensor2d(
      Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => (i < zeros ? 0 : i + 1)),
      shape,
    );
  model.setWeights([kernel([6, 8], first), tf.zeros([8]), kernel([8, 3], second), tf.zeros([3])]);
  return model;
}

describe('getSparsity', () => {
  it('counts the zeros of kernels, not of biases', () => {
    expect(getSparsity(withZeros(12, 18))).toEqual({
      total: zeroFraction(30, 72),
      weights: [
        { layer: 'd1', name: 'kernel', shape: [6, 8], size: 48, zeros: 12, sparsity: 0.25 },
        { layer: 'd2', name: 'kernel', shape: [8, 3], size: 24, zeros: 18, sparsity: 0.75 },
      ],
    });
  });

  it('takes minus zero for zero, NaN and denormal numbers for something', () => {
    expect(countZeros(Float32Array.of(-0, 0, 1, Number.NaN, 1e-42, Number.POSITIVE_INFINITY))).toBe(2);
  });

  it('gives 0 for a model without prunable weights', () => {
    const model = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [2, 2] })] });
    expect(getSparsity(model)).toEqual({ total: 0, weights: [] });
  });

  it('counts a shared layer once and looks into nested models', () => {
    const inner = tf.sequential({ layers: [tf.layers.dense({ name: 'deep', units: 6, inputShape: [6] })] });
    const input = tf.input({ shape: [6] });
    const shared = tf.layers.dense({ name: 'twice', units: 6 });
    const twice = shared.apply(shared.apply(inner.apply(input))) as tf.SymbolicTensor;
    const { weights } = getSparsity(tf.model({ inputs: input, outputs: twice }));
    expect(weights.map(({ layer }) => layer).sort()).toEqual(['deep', 'twice']);
  });

  it('reads the constants of a GraphModel', () => {
    const weights = {
      'a/MatMul/weight': [
        tf.tensor2d([
          [0, 1],
          [0, 2],
        ]),
      ],
      bias: [tf.tensor1d([0])],
      shape: [tf.tensor2d([[0]], [1, 1], 'int32')],
    };
    const model = { executor: {}, weights } as unknown as Parameters<typeof getSparsity>[0];
    expect(getSparsity(model)).toEqual({
      total: 0.5,
      weights: [{ layer: 'a/MatMul', name: 'weight', shape: [2, 2], size: 4, zeros: 2, sparsity: 0.5 }],
    });
  });

  it('refuses what is no model', () => {
    expect(() => getSparsity(null as never)).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_MODEL' }),
    );
  });
});

describe('assertSparsity', () => {
  it.each([undefined, null, '0.5'])('refuses %s for a target', (target) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3 })] });
    expect(() => assertSparsity(model, target as never)).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_OPTION', tensor: 'target' }),
    );
  });

  const misses = (run: () => void): SparsityMiss[] => {
    try {
      run();
    } catch (error) {
      expect(error).toMatchObject({ name: 'SparseError', code: 'ERR_SPARSE_SPARSITY' });
      return (error as { received: SparsityMiss[] }).received;
    }
    return [];
  };

  it('accepts the exact count and nothing else', () => {
    expect(misses(() => assertSparsity(withZeros(24, 12), 0.5))).toEqual([]);
    expect(misses(() => assertSparsity(withZeros(23, 12), 0.5))).toMatchObject([
      { layer: 'd1', expectedZeros: 24, zeros: 23 },
    ]);
    expect(misses(() => assertSparsity(withZeros(25, 11), 0.5))).toHaveLength(2);
  });

  it('expects the nearest count where a weight cannot be divided', () => {
    // 24 at 0.9 keeps round(2.4) = 2; 48 keeps round(4.8) = 5.
    expect(misses(() => assertSparsity(withZeros(43, 22), 0.9))).toEqual([]);
    expect(misses(() => assertSparsity(withZeros(43, 22), 0.9, { rtol: 1e-6, atol: 1e-6 }))).toHaveLength(2);
    expect(misses(() => assertSparsity(withZeros(43, 22), 0.9, { atol: 0.02 }))).toEqual([]);
  });

  it('gives the likely reason', () => {
    const reasons = (first: number, second: number, compat?: 'tfmot') =>
      misses(() => assertSparsity(withZeros(first, second), 0.5, { compat })).map(({ reason }) => reason);
    expect(reasons(0, 12)).toEqual([expect.stringMatching(/nothing is pruned/)]);
    expect(reasons(30, 12)).toEqual([expect.stringMatching(/more zeros/)]);
    expect(reasons(10, 12)).toEqual([expect.stringMatching(/has not reached its end/)]);
    expect(reasons(10, 12, 'tfmot')).toEqual([expect.stringMatching(/tie with the threshold/)]);
    expect(reasons(23, 12)).toEqual([expect.stringMatching(/48 weights at 0\.5 are 24 zeros/)]);
  });

  it('takes targets by layer or by weight', () => {
    const model = withZeros(24, 18);
    expect(misses(() => assertSparsity(model, { d1: 0.5, 'd2/kernel': 0.75 }))).toEqual([]);
    expect(misses(() => assertSparsity(model, { d2: 0.5 }))).toMatchObject([{ layer: 'd2', name: 'kernel' }]);
    expect(() => assertSparsity(model, { d3: 0.5 })).toThrowError(
      /no prunable weight is called "d3".*d1\/kernel/,
    );
  });

  it('knows the counts of structures in a wrapped model', async () => {
    const pruningSchedule = constantSparsity({ targetSparsity: 0.5, frequency: 1 });
    for (const options of [{ blockSize: [4, 3] as const }, { sparsityMByN: [1, 2] as const }]) {
      const model = pruneLowMagnitude(smallModel(), { pruningSchedule, ...options });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const { x, y } = data(4);
      await model.trainOnBatch(x, y);
      expect(misses(() => assertSparsity(model, 0.5))).toEqual([]);
    }
  });

  it('expects the counts of a structure that it is told, in a model without wrappers', async () => {
    for (const structure of [
      { type: 'block', inputs: 4, outputs: 3 },
      { type: 'nm', keep: 1, of: 4 },
      { type: 'balanced', group: 4 },
      { type: 'input' },
      { type: 'output' },
    ] as const) {
      const { model } = await pruneOnce(smallModel(), { sparsity: 0.4, structure });
      expect(misses(() => assertSparsity(model, 0.4, { structure }))).toEqual([]);
      expect(misses(() => assertSparsity(smallModel(), 0.4, { structure }))).toHaveLength(2);
    }
  });

  it('counts all weights together where they were ranked together, for every structure that has one ranking', async () => {
    for (const structure of [
      { type: 'unstructured' },
      { type: 'block', inputs: 4, outputs: 3 },
      { type: 'input' },
      { type: 'output' },
    ] as const) {
      const { model } = await pruneOnce(smallModel(), { sparsity: 0.4, structure, scope: 'global' });
      const scope = 'global' as const;
      expect(misses(() => assertSparsity(model, 0.4, { structure, scope }))).toEqual([]);
      const found = misses(() => assertSparsity(smallModel(), 0.4, { structure, scope }));
      expect(found.map(({ layer, size, zeros }) => [layer, size, zeros])).toEqual([
        ['*', 72, 0],
        ['d1', 48, 0],
        ['d2', 24, 0],
      ]);
      const [whole, first, second] = found;
      expect(whole!.expectedZeros).toBe(first!.expectedZeros + second!.expectedZeros);
      expect(whole!.expectedZeros).toBeGreaterThan(0);
    }
    // 36 of 72, wherever they are.
    expect(misses(() => assertSparsity(withZeros(30, 6), 0.5, { scope: 'global' }))).toEqual([]);
    expect(misses(() => assertSparsity(withZeros(30, 7), 0.5, { scope: 'global' }))).toMatchObject([
      { layer: '*', expectedZeros: 36, zeros: 37 },
      { layer: 'd1' },
      { layer: 'd2' },
    ]);
    expect(() => assertSparsity(withZeros(0, 0), { d1: 0.5 }, { scope: 'global' })).toThrowError(
      /target a table/,
    );
    expect(() => assertSparsity(withZeros(0, 0), 0.5, { scope: 'all' as never })).toThrowError(/scope/);
  });

  it('takes scope, distribution and compat of a wrapped model, and can be told a distribution', async () => {
    const { x, y } = data(4);
    const schedule = constantSparsity({ targetSparsity: 0.5, frequency: 1 });
    for (const own of [{ scope: 'global' }, { distribution: 'erk' }, { compat: 'torch' }] as const) {
      const model = prune(smallModel(), { schedule, ...own });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      await model.trainOnBatch(x, y);
      expect(misses(() => assertSparsity(model, 0.5))).toEqual([]);
    }
    const { model } = await pruneOnce(smallModel(), { sparsity: 0.5, distribution: 'erk' });
    expect(misses(() => assertSparsity(model, 0.5, { distribution: 'erk' }))).toEqual([]);
    expect(misses(() => assertSparsity(model, 0.5))).toHaveLength(2);
  });

  it('reads the reason off the wrapper: its mask, its schedule and its step', async () => {
    const { x, y } = data(4);
    const reasonsOf = async (options: Partial<PruneConfig>, steps: number, target: number) => {
      const schedule = polynomialDecay({
        initialSparsity: 0.25,
        finalSparsity: 0.75,
        beginStep: 1,
        endStep: 5,
        frequency: 2,
        power: 1,
      });
      const model = prune(smallModel(), { schedule, ...options });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      for (let step = 0; step < steps; step++) await model.trainOnBatch(x, y);
      return misses(() => assertSparsity(model, target)).map(({ reason }) => reason);
    };
    expect(await reasonsOf({}, 0, 0.75)).toEqual([
      expect.stringMatching(/no mask has been computed by step -1/),
      expect.stringMatching(/beginStep/),
    ]);
    expect((await reasonsOf({}, 3, 0.75))[0]).toMatch(
      /prunes 24: at step 3 the schedule stands at 0\.5, not at 0\.75/,
    );
    const model = withMasks(
      smallModel(),
      new Map([['d1/kernel', Uint8Array.from({ length: 48 }, (_, i) => i % 2)]]),
    );
    expect(misses(() => assertSparsity(model, { d1: 0.75 }))[0]!.reason).toMatch(
      /its mask was given, and prunes 24/,
    );
    model.setWeights([tf.zeros([6, 8]), ...model.getWeights().slice(1)]);
    expect(misses(() => assertSparsity(model, { d1: 0.5 }))[0]!.reason).toMatch(/24 kept weights are zero/);

    const tfmot = pruneLowMagnitude(smallModel(), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
      compat: 'tfmot',
    });
    tfmot.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    for (const wrapper of findWrappers(tfmot)) wrapper.pruningStep = 0;
    await tfmot.trainOnBatch(x, y);
    const found = misses(() => assertSparsity(tfmot, 0.5));
    expect(found).toHaveLength(2);
    expect(found[0]!.reason).toMatch(/prunes the 24 expected, but \d+ of them have been trained on/);
  });

  it('refuses a model in which nothing can be pruned, unless nothing should be', () => {
    const model = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [2, 2] })] });
    expect(() => assertSparsity(model, 0.5)).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_MODEL', received: 'none' }),
    );
    assertSparsity(model, 0);
  });

  it('names the rule whose count it is', () => {
    const reason = (first: number, target: number) =>
      misses(() => assertSparsity(withZeros(first, 0), { d1: target }))[0]!.reason;
    // OpenLTH prunes ceil(0.3 · 48) + 1 of 48; Wanda trunc(0.4 · 6) of each of 8 outputs.
    expect(reason(16, 0.3)).toMatch(/compat "openlth"/);
    expect(reason(16, 0.4)).toMatch(/Wanda/);
  });

  it.each([[-0.1], [1.1], [Number.NaN], ['0.5' as never]])('refuses a target of %s', (target) => {
    expect(() => assertSparsity(withZeros(0, 0), target)).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_OPTION' }),
    );
    expect(() => assertSparsity(withZeros(0, 0), { d1: target })).toThrowError(/target of "d1"/);
  });

  it('refuses options that it does not know', () => {
    expect(() => assertSparsity(withZeros(0, 0), 0, { tolerance: 1 } as never)).toThrowError(
      /unknown option "tolerance"/,
    );
    expect(() => assertSparsity(withZeros(0, 0), 0, { compat: 'keras' as never })).toThrowError(/keras/);
  });
});

describe('counts', () => {
  it.each([
    [5, 0.5, 2, 2],
    [3, 0.5, 2, 2],
    [7, 0.5, 4, 4],
    [10, 0.35, 6, 6],
    [25, 0.9, 2, 3],
    [5, 0.9, 1, 1],
    [4, 0.999, 1, 1],
    [4, 1, 0, 1],
    [0, 0.5, 0, 0],
  ])('%i weights at %d: exact keeps %i, TFMOT %i', (size, sparsity, exact, tfmot) => {
    expect([keptCount(size, sparsity, 'exact'), keptCount(size, sparsity, 'tfmot')]).toEqual([exact, tfmot]);
  });

  const weights = fc.array(fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, -0, 1, -1, 0.5)), {
    minLength: 1,
    maxLength: 200,
  });

  it('exact masks keep just as many as they say, whatever ties, and TFMOT at least as many', () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (list, sparsity) => {
        const values = Float32Array.from(list);
        const mask = (compat: 'exact' | 'tfmot') =>
          maskByMagnitude(values, [list.length], { sparsity, structure: { type: 'unstructured' }, compat });
        const [exact, tfmot] = [mask('exact'), mask('tfmot')];
        expect(exact.mask.filter((bit) => bit === 1)).toHaveLength(keptCount(list.length, sparsity, 'exact'));
        expect(tfmot.kept).toBeGreaterThanOrEqual(keptCount(list.length, sparsity, 'tfmot'));
        // Nothing that is pruned is larger than anything that is kept.
        const scores = magnitude({ values });
        const kept = scores.filter((_, i) => exact.mask[i] === 1);
        const pruned = scores.filter((_, i) => exact.mask[i] === 0);
        if (kept.length > 0) for (const score of pruned) expect(score).toBeLessThanOrEqual(Math.min(...kept));
      }),
    );
  });

  it('masks nest as the sparsity grows', () => {
    fc.assert(
      fc.property(
        weights,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, a, b) => {
          const mask = (sparsity: number) =>
            maskByMagnitude(Float32Array.from(list), [list.length], {
              sparsity,
              structure: { type: 'unstructured' },
              compat: 'exact',
            }).mask;
          const [loose, tight] = [mask(Math.min(a, b)), mask(Math.max(a, b))];
          expect(tight.every((bit, i) => bit <= loose[i]!)).toBe(true);
        },
      ),
    );
  });
});
