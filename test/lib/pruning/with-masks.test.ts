import type { io } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  afterStep,
  maskGradients,
  type PruningWrapper,
  stripPruning,
  withMasks,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, leaks, prunedWeights, smallModel, snapshot } from './models.ts';

/** Every third entry of d1's kernel is kept, every second bias of d2. */
const masks = () =>
  new Map([
    ['d1/kernel', Uint8Array.from({ length: 48 }, (_, i) => Number(i % 3 === 0))],
    ['d2/bias', Uint8Array.from([1, 0, 1])],
  ]);
const zeros = (model: tf.LayersModel) =>
  model.getWeights().map((weight) => [...weight.dataSync()].filter((value) => value === 0).length);
const leaking = (model: tf.LayersModel) =>
  prunedWeights(model).map((weight) => leaks(weight, weight.variable.dataSync()));

onEveryBackend(() => {
  it('masks at once, keeps zeros in fit, and strips to a plain model', async () => {
    const given = smallModel();
    const before = snapshot(given);
    const model = withMasks(given, masks());
    expect(prunedWeights(model).map(({ name }) => name)).toEqual(['kernel', 'bias']);
    expect(leaking(model)).toEqual([0, 0]);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const { x, y } = data(16);
    const tensors: number[] = [];
    const follow = new tf.CustomCallback({
      onBatchEnd: async () => {
        expect(leaking(model)).toEqual([0, 0]);
        tensors.push(tf.memory().numTensors);
      },
    });
    await model.fit(x, y, { batchSize: 2, epochs: 1, verbose: 0, callbacks: follow });
    expect(new Set(tensors.slice(1)).size).toBe(1);
    const stripped = stripPruning(model);
    expect(stripped.layers.map((layer) => layer.getClassName())).toEqual(['Dense', 'Dense']);
    expect(zeros(stripped)).toEqual([32, 0, 0, 1]);
    expect((stripped.predict(x) as tf.Tensor).dataSync()).toEqual((model.predict(x) as tf.Tensor).dataSync());
    expect(snapshot(given)).toEqual(before);
  });

  it('keeps zeros in a loop of one’s own', () => {
    const model = withMasks(smallModel(), masks());
    const optimizer = tf.train.momentum(0.1, 0.9);
    const { x, y } = data(8);
    for (let step = 0; step < 3; step++) {
      const { value, grads } = tf.variableGrads(() =>
        tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor).asScalar(),
      );
      optimizer.applyGradients(maskGradients(model, grads) as Record<string, tf.Variable>);
      afterStep(model, optimizer);
      tf.dispose([value, grads]);
      expect(leaking(model)).toEqual([0, 0]);
    }
  });

  it('comes back from a file with its masks', async () => {
    const model = withMasks(smallModel(), masks());
    let saved: io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    const bits = (some: tf.LayersModel) => prunedWeights(some).map((weight) => [...weight.readMask()]);
    expect(bits(loaded)).toEqual([...masks().values()].map((mask) => [...mask]));
    expect(snapshot(loaded)).toEqual(snapshot(model));
    expect(loaded.layers.map(({ name }) => name)).toEqual(model.layers.map(({ name }) => name));
    loaded.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    await loaded.trainOnBatch(x, y);
    expect(leaking(loaded)).toEqual([0, 0]);
  });
});

it('changes nothing under masks of ones', () => {
  const given = smallModel();
  const model = withMasks(given, new Map([['d1/kernel', new Uint8Array(48).fill(1)]]));
  const { x } = data(4);
  const [a, b] = [given, model].map((one) => [...(one.predict(x) as tf.Tensor).dataSync()]);
  expect(b).toEqual(a);
  expect(prunedWeights(model).map((weight) => weight.readValues())).toEqual([
    given.layers[0]!.getWeights()[0]!.dataSync(),
  ]);
});

it('wraps only layers with a mask, under names of their own', () => {
  const model = withMasks(smallModel(), new Map([['d2/kernel', new Uint8Array(24)]]));
  expect(model.layers.map(({ name }) => name)).toEqual(['d1', 'pruned_d2']);
  expect((model.layers[1] as PruningWrapper).layer.name).toBe('d2');
  expect(zeros(model).slice(0, 4)).toEqual([0, 8, 24, 3]);
});

describe('bad input', () => {
  const refused: [string, unknown, string, RegExp][] = [
    ['no map', { 'd1/kernel': new Uint8Array(48) }, 'ERR_SPARSE_ARGUMENT', /Map/],
    [
      'masks of another model',
      new Map([['d3/kernel', new Uint8Array(48)]]),
      'ERR_SPARSE_OPTION',
      /"d3\/kernel".*d1\/kernel/,
    ],
    [
      'a mask of another size',
      new Map([['d1/kernel', new Uint8Array(47)]]),
      'ERR_SPARSE_SHAPE',
      /d1\/kernel has 47 entries, expected 48/,
    ],
    [
      'a mask of another type',
      new Map([['d1/kernel', new Float32Array(48)]]),
      'ERR_SPARSE_SHAPE',
      /Uint8Array/,
    ],
    [
      'a mask of another value',
      new Map([['d1/kernel', new Uint8Array(48).fill(7, 3)]]),
      'ERR_SPARSE_SHAPE',
      /holds 7 at 3/,
    ],
  ];
  it.each(refused)('refuses %s and leaves the model as it was', (_what, given, code, message) => {
    const model = smallModel();
    const before = snapshot(model);
    expect(() => withMasks(model, given as never)).toThrowError(
      expect.objectContaining({ name: 'SparseError', code, message: expect.stringMatching(message) }),
    );
    expect(snapshot(model)).toEqual(before);
  });

  it('refuses a wrapped, a disposed and an unbuilt model', () => {
    const refusal = expect.objectContaining({ code: 'ERR_SPARSE_MODEL' });
    expect(() => withMasks(withMasks(smallModel(), masks()), new Map())).toThrowError(refusal);
    const disposed = smallModel();
    disposed.dispose();
    expect(() => withMasks(disposed, masks())).toThrowError(refusal);
    expect(() => withMasks(tf.sequential(), masks())).toThrowError(refusal);
    expect(() => withMasks({} as never, masks())).toThrowError(refusal);
  });

  it('refuses two layers of one name, where a mask would fit both', () => {
    const inner = tf.sequential({ layers: [tf.layers.dense({ name: 'same', units: 2, inputShape: [2] })] });
    const model = tf.sequential({
      layers: [tf.layers.dense({ name: 'same', units: 2, inputShape: [2] }), inner],
    });
    expect(() => withMasks(model, new Map([['same/kernel', new Uint8Array(4)]]))).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_MODEL', message: expect.stringContaining('"same"') }),
    );
  });
});
