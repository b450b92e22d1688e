import { describe, expect, it } from 'vitest';
import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import {
  afterStep,
  constantSparsity,
  getSparsity,
  pruneLowMagnitude,
  stripPruning,
  updatePruningStep,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, leaks, prunedWeights, smallModel, snapshot, zerosOf } from './models.ts';

const half = () => constantSparsity({ targetSparsity: 0.5, frequency: 1 });
const tfmot = 'tfmot' as const;

onEveryBackend(() => {
  it('leaves masked weights one optimizer step away from zero until the next call, as TFMOT does', async () => {
    const model = pruneLowMagnitude(smallModel(), { pruningSchedule: half(), compat: tfmot });
    const optimizer = tf.train.momentum(0.1, 0.9);
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const { x, y } = data(8);
    const after: number[][] = [];
    const slots: number[] = [];
    const [weight] = prunedWeights(model);
    const follow = new tf.CustomCallback({
      onBatchEnd: async () => {
        after.push(zerosOf(model));
        const [accumulation] = (optimizer as unknown as { accumulations: { variable: tf.Variable }[] })
          .accumulations;
        slots.push(leaks(weight!, accumulation!.variable.dataSync()));
      },
    });
    await model.fit(x, y, { batchSize: 4, epochs: 1, verbose: 0, callbacks: [updatePruningStep(), follow] });
    expect(after.every(([first, second]) => first! < 24 && second! < 12)).toBe(true);
    expect(Math.min(...slots)).toBeGreaterThan(0);
    // The end of the epoch masks once more.
    expect(zerosOf(model)).toEqual([24, 12]);
  });

  it('strips what is there: few weights are zero after a custom loop until something calls the model', async () => {
    const model = pruneLowMagnitude(smallModel(), { pruningSchedule: half(), compat: tfmot });
    for (const wrapper of findWrappers(model)) wrapper.pruningStep = 0;
    const { x, y } = data(8);
    const loss = () =>
      tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor).asScalar();
    tf.train.sgd(0.1).minimize(loss);
    expect(getSparsity(stripPruning(model)).total).toBeLessThan(0.25);
    tf.dispose(model.predict(x));
    expect(getSparsity(stripPruning(model)).total).toBe(0.5);
    tf.train.sgd(0.1).minimize(loss);
    afterStep(model);
    expect(getSparsity(stripPruning(model)).total).toBe(0.5);
  });
});

describe('compat tfmot', () => {
  it('shares its layers with the given model', async () => {
    const given = smallModel();
    const model = pruneLowMagnitude(given, { pruningSchedule: half(), compat: tfmot });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: updatePruningStep() });
    expect(getSparsity(given).total).toBe(0.5);
    expect(findWrappers(model).map(({ layer }) => layer)).toEqual(given.layers);
  });

  it('shares what the policy left out, the first layer too', async () => {
    const given = smallModel();
    const model = pruneLowMagnitude(given, {
      pruningSchedule: half(),
      compat: tfmot,
      policy: ({ name }) => name === 'd2',
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: updatePruningStep() });
    expect(model.layers[0]).toBe(given.layers[0]);
    expect(snapshot(model).slice(0, 2)).toEqual(snapshot(given).slice(0, 2));
  });

  it('counts a shared layer once per use', async () => {
    const [a, b] = [tf.input({ shape: [6] }), tf.input({ shape: [6] })];
    const shared = tf.layers.dense({ units: 4 });
    const sum = tf.layers.add().apply([shared.apply(a), shared.apply(b)] as tf.SymbolicTensor[]);
    const model = pruneLowMagnitude(tf.model({ inputs: [a, b], outputs: sum as tf.SymbolicTensor }), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, beginStep: 1, frequency: 2 }),
      compat: tfmot,
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4, 6, 4);
    await model.fit([x, x], y, { batchSize: 2, epochs: 1, verbose: 0, callbacks: updatePruningStep() });
    expect(
      findWrappers(model)
        .map(({ pruningStep }) => pruningStep)
        .sort(),
    ).toEqual([2, 4]);
  });

  it('says that the callback is missing', async () => {
    const model = pruneLowMagnitude(smallModel(), { pruningSchedule: half(), compat: tfmot });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    await expect(model.fit(x, y, { epochs: 1, verbose: 0 })).rejects.toMatchObject({
      code: 'ERR_SPARSE_SCHEDULE',
      message: expect.stringContaining('updatePruningStep()'),
    });
  });

  it('trains on with a schedule that prunes nothing, as TFMOT does', async () => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5 }),
      compat: tfmot,
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: updatePruningStep() });
    expect(getSparsity(model).total).toBe(0);
  });

  it('computes an N:M mask at the first step and never again', async () => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.9, beginStep: 100 }),
      sparsityMByN: [1, 2],
      compat: tfmot,
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    const masks: number[][] = [];
    const follow = new tf.CustomCallback({
      onBatchEnd: async () => {
        masks.push([...prunedWeights(model)[0]!.readMask()]);
      },
    });
    await model.fit(x, y, { batchSize: 2, epochs: 2, verbose: 0, callbacks: [updatePruningStep(), follow] });
    expect(masks[0]!.filter((bit) => bit === 0)).toHaveLength(24);
    expect(masks.every((mask) => mask.join() === masks[0]!.join())).toBe(true);
  });

  it('keeps ties with the threshold, where exact keeps the lower index', async () => {
    const counts: number[][] = [];
    for (const compat of ['tfmot', 'exact'] as const) {
      const given = smallModel();
      given.setWeights([tf.ones([6, 8]), tf.zeros([8]), tf.ones([8, 3]), tf.zeros([3])]);
      const model = pruneLowMagnitude(given, { pruningSchedule: half(), compat });
      model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
      const { x, y } = data(4);
      await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: updatePruningStep() });
      counts.push(zerosOf(model));
    }
    expect(counts).toEqual([
      [0, 0],
      [24, 12],
    ]);
  });
});
