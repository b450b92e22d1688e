import type { io } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import {
  constantSparsity,
  type PruneLowMagnitudeConfig,
  polynomialDecay,
  pruneLowMagnitude,
  stripPruning,
  updatePruningStep,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, leaks, prunedWeights, smallModel, snapshot, zerosOf } from './models.ts';

/** Saves to memory and loads again, through JSON as a file would. */
async function reload(model: tf.LayersModel, includeOptimizer = false): Promise<tf.LayersModel> {
  let saved: io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.save(handler, { includeOptimizer });
  const { weightData, ...rest } = saved!;
  const plain = JSON.parse(JSON.stringify(rest)) as io.ModelArtifacts;
  return tf.loadLayersModel(tf.io.fromMemory({ ...plain, weightData }));
}

const half = () => constantSparsity({ targetSparsity: 0.5, frequency: 1 });

async function trained(options: Partial<PruneLowMagnitudeConfig> = {}, given: tf.LayersModel = smallModel()) {
  const model = pruneLowMagnitude(given, { pruningSchedule: half(), ...options });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  const { x, y } = data(8);
  await model.fit(x, y, {
    batchSize: 4,
    epochs: 1,
    shuffle: false,
    verbose: 0,
    callbacks: updatePruningStep(),
  });
  return model;
}

const state = (model: tf.LayersModel) => ({
  weights: snapshot(model),
  names: model.weights.map(({ originalName }) => originalName),
  steps: findWrappers(model).map(({ pruningStep }) => pruningStep),
  configs: findWrappers(model).map((wrapper) => wrapper.getConfig()),
});

onEveryBackend(() => {
  const variants: [string, Partial<PruneLowMagnitudeConfig>][] = [
    ['plain', {}],
    ['tfmot', { compat: 'tfmot' }],
    ['blocks, maximum', { blockSize: [2, 1], blockPoolingType: 'MAX' }],
    ['N:M', { sparsityMByN: [1, 2] }],
    ['biases', { biases: true }],
    ['one layer', { policy: ({ name }) => name === 'd2' }],
    [
      'polynomial',
      {
        pruningSchedule: polynomialDecay({
          initialSparsity: 0,
          finalSparsity: 0.5,
          beginStep: 1,
          endStep: 2,
          frequency: 1,
        }),
      },
    ],
  ];
  it.each(variants)(
    'a wrapped model comes back with masks, steps and options: %s',
    async (_what, options) => {
      const model = await trained(options);
      const { x } = data(8);
      const expected = (model.predict(x) as tf.Tensor).dataSync();
      const loaded = await reload(model);
      expect(state(loaded)).toEqual(state(model));
      expect((loaded.predict(x) as tf.Tensor).dataSync()).toEqual(expected);
      // A second copy in the same process, where every variable's name is taken.
      expect(state(await reload(loaded))).toEqual(state(model));
    },
  );

  it('trains on as if it had not been saved', async () => {
    const schedule = polynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 1,
      endStep: 5,
      power: 1,
      frequency: 1,
    });
    const model = pruneLowMagnitude(smallModel(), { pruningSchedule: schedule });
    model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'meanSquaredError' });
    const { x, y } = data(8);
    const train = (some: tf.LayersModel, epochs: number) =>
      some.fit(x, y, {
        batchSize: 8,
        epochs,
        shuffle: false,
        verbose: 0,
        callbacks: updatePruningStep({ totalSteps: 5 }),
      });
    await train(model, 2);
    const loaded = await reload(model, true);
    // TF.js saves Momentum under SGD's name and loses the momentum; compiling again loses the slots, so both do it.
    for (const some of [model, loaded])
      some.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
    await train(model, 3);
    await train(loaded, 3);
    expect(snapshot(loaded)).toEqual(snapshot(model));
    expect(zerosOf(loaded)).toEqual([36, 18]);
    expect(findWrappers(loaded).map(({ pruningStep }) => pruningStep)).toEqual([5, 5]);
  });

  it('masks the slots of an optimizer that was loaded with the model', async () => {
    const loaded = await reload(await trained(), true);
    const { x, y } = data(8);
    await loaded.fit(x, y, { batchSize: 4, epochs: 1, verbose: 0, callbacks: updatePruningStep() });
    const moments = (loaded.optimizer as unknown as { accumulatedFirstMoment: { variable: tf.Variable }[] })
      .accumulatedFirstMoment;
    const [first] = prunedWeights(loaded);
    const moment = moments[0]!.variable.dataSync();
    expect(leaks(first!, moment)).toBe(0);
    expect(moment.some((value) => value !== 0)).toBe(true);
  });
});

describe('loading', () => {
  it('a nested, shared model round-trips', async () => {
    const inner = tf.sequential({
      name: 'inner',
      layers: [tf.layers.dense({ name: 'deep', units: 6, inputShape: [6] })],
    });
    const input = tf.input({ shape: [6] });
    const shared = tf.layers.dense({ name: 'twice', units: 6 });
    const once = shared.apply(inner.apply(input)) as tf.SymbolicTensor;
    const twice = shared.apply(once) as tf.SymbolicTensor;
    const given = tf.model({
      inputs: input,
      outputs: tf.layers.dense({ name: 'last', units: 3 }).apply(twice) as tf.SymbolicTensor,
    });
    const model = await trained({}, given);
    const loaded = await reload(model);
    const { x } = data(4);
    expect(state(loaded)).toEqual(state(model));
    expect((loaded.predict(x) as tf.Tensor).dataSync()).toEqual((model.predict(x) as tf.Tensor).dataSync());
  });

  it('a stripped model needs nothing of this package', async () => {
    const stripped = stripPruning(await trained());
    const json = JSON.stringify(stripped.toJSON(null, false));
    expect(json).not.toMatch(/prune/i);
    expect(snapshot(await reload(stripped))).toEqual(snapshot(stripped));
  });

  it('a schedule of the user cannot be revived, and the error says what to do', async () => {
    const own = {
      at: () => ({ prune: true, sparsity: 0.5 }),
      getConfig: () => ({ className: 'Mine', config: {} }),
    };
    const model = await trained({ pruningSchedule: own });
    expect(zerosOf(model)).toEqual([24, 12]);
    await expect(reload(model)).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      message: expect.stringMatching(/"Mine".*strip/),
    });
  });
});
