import { describe, expect, it } from 'vitest';
import { type SupermaskOptions, type SupermaskResult, supermask } from '../../../../lib/pruning.ts';
import { tf } from '../backends.ts';
import { recordsOf, tinyData, tinyModel, tinyStudy } from './problem.ts';

const run = async (more: object, model = tinyModel()) => {
  const records = await recordsOf(supermask({ ...tinyStudy(model), ...more } as unknown as SupermaskOptions));
  return records.filter((record): record is SupermaskResult => record.type === 'result');
};
const heuristic = { method: 'heuristic', sparsities: [0.5] };
const learned = { method: 'learned', samples: 2 };

/** Accuracy of a model on the study's validation data, by its own predictions. */
function accuracyOf(model: tf.LayersModel): number {
  const { xs, ys } = tinyData(50, 2);
  return tf.tidy(() => {
    const predicted = (model.predict(tf.tensor2d(xs.values, [50, 4])) as tf.Tensor2D).argMax(1).dataSync();
    const labels = tf.tensor2d(ys.values, [50, 3]).argMax(1).dataSync();
    return [...predicted].filter((label, i) => label === labels[i]).length / 50;
  });
}

/** Mean cross-entropy of a model on the same data, which sees a kernel's scale where the accuracy does not. */
function lossOf(model: tf.LayersModel): number {
  const { xs, ys } = tinyData(50, 2);
  return tf.tidy(() => {
    const predicted = model.predict(tf.tensor2d(xs.values, [50, 4])) as tf.Tensor2D;
    return tf.metrics
      .categoricalCrossentropy(tf.tensor2d(ys.values, [50, 3]), predicted)
      .mean()
      .dataSync()[0]!;
  });
}

/** The untrained network with other kernels. */
function withKernels(change: (key: string, values: Float32Array) => Float32Array): tf.LayersModel {
  const model = tinyModel();
  for (const name of ['hidden', 'output']) {
    const layer = model.getLayer(name);
    const [kernel, bias] = layer.getWeights();
    const values = change(`${name}/kernel`, kernel!.dataSync() as Float32Array);
    layer.setWeights([tf.tensor(values, kernel!.shape), bias!]);
  }
  return model;
}

const deviation = (values: Float32Array) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
};

describe('a heuristic supermask', () => {
  it('is laid on the untrained weights, which are not trained', async () => {
    const [untrained, trained, masked, random] = await run(heuristic);
    expect([untrained!.branch, trained!.branch, masked!.branch, random!.branch]).toEqual([
      'untrained',
      'trained',
      'supermask',
      'randomMask',
    ]);
    expect(untrained!.accuracy).toBe(accuracyOf(tinyModel()));
    for (const one of [masked!, random!]) {
      const model = withKernels((key, values) => values.map((w, i) => w * one.masks.get(key)![i]!));
      expect(one.accuracy).toBe(accuracyOf(model));
      expect(one.weights).toEqual({
        'hidden/kernel': { zeros: 32, size: 64 },
        'output/kernel': { zeros: 24, size: 48 },
      });
    }
  });

  it('lays signed constants under the mask, and multiplies what is left', async () => {
    const [, , constant] = await run({ ...heuristic, weights: 'signedConstant', rescale: true });
    const model = withKernels((key, values) => {
      const std = deviation(values);
      return values.map((w, i) => 2 * Math.sign(w) * std * constant!.masks.get(key)![i]!);
    });
    expect(constant!.accuracy).toBe(accuracyOf(model));
    expect(constant!.loss).toBeCloseTo(lossOf(model), 5);
  });

  it('freezes pruned weights at their initial values where it is told', async () => {
    const [untrained, , frozen] = await run({ ...heuristic, pruned: 'freeze_init' });
    expect({ loss: frozen!.loss, accuracy: frozen!.accuracy }).toEqual({
      loss: untrained!.loss,
      accuracy: untrained!.accuracy,
    });
  });

  it('takes another criterion, and leaves out weights whose sign was turned', async () => {
    const masksOf = async (more: object) =>
      (await run({ ...heuristic, ...more }))[2]!.masks.get('hidden/kernel')!;
    const initial = (tinyModel().getLayer('hidden').getWeights()[0]!.dataSync() as Float32Array).map(
      Math.abs,
    );
    const mask = await masksOf({ criterion: 'zhou:large_init' });
    const kept = [...initial].filter((_, i) => mask[i] === 1);
    const pruned = [...initial].filter((_, i) => mask[i] === 0);
    expect(Math.min(...kept)).toBeGreaterThan(Math.max(...pruned));
    // A high rate turns many signs; with as few zeros as possible those are the ones that go.
    const compile = (model: tf.LayersModel) =>
      model.compile({
        optimizer: tf.train.adam(0.5),
        loss: 'categoricalCrossentropy',
        metrics: ['accuracy'],
      });
    expect(await masksOf({ compile, sameSign: true })).not.toEqual(await masksOf({ compile }));
  });
});

describe('a learned supermask', () => {
  it('trains scores, and nothing else', async () => {
    const compiled: tf.LayersModel[] = [];
    const before = tinyModel();
    const compile = (model: tf.LayersModel) => {
      compiled.push(model);
      model.compile({
        optimizer: tf.train.adam(0.05),
        loss: 'categoricalCrossentropy',
        metrics: ['accuracy'],
      });
    };
    const [untrained, found] = await run({ ...learned, compile }, before);
    expect(untrained!.accuracy).toBe(accuracyOf(tinyModel()));
    const scores = found!.scores!.get('hidden/kernel')!;
    expect(scores.every((score) => score !== 0 && Number.isFinite(score))).toBe(true);
    expect([...found!.masks.get('hidden/kernel')!]).toEqual([...scores].map((score) => Number(score >= 0)));
    expect(found!.drawn).toHaveLength(2);
    const accuracies = found!.drawn!.map(({ accuracy }) => accuracy!);
    expect(found!.accuracy).toBeCloseTo((accuracies[0]! + accuracies[1]!) / 2, 12);
  });

  it('draws the mask by the scores: none of it at a very low start, all of it at a very high one', async () => {
    const still = {
      ...learned,
      compile: (model: tf.LayersModel) =>
        model.compile({ optimizer: tf.train.sgd(0), loss: 'categoricalCrossentropy', metrics: ['accuracy'] }),
    };
    const [, all] = await run({ ...still, scoreStart: 100 });
    expect(all!.accuracy).toBe(accuracyOf(tinyModel()));
    expect(all!.sparsity).toBe(0);
    const [, none] = await run({ ...still, scoreStart: -100 });
    expect(none!.accuracy).toBe(accuracyOf(withKernels((_, values) => values.map(() => 0))));
    expect(none!.sparsity).toBe(1);
    const [, half] = await run({ ...still, scoreStart: 0, samples: 3 });
    expect(new Set(half!.drawn!.map(({ loss }) => loss)).size).toBe(3);
  });

  it('rounds the mask instead, the same at every measurement', async () => {
    const [, found] = await run({ ...learned, roundMask: true, weights: 'signedConstant', multiplier: 1.5 });
    expect(found!.drawn).toHaveLength(1);
    const model = withKernels((key, values) => {
      const std = deviation(values);
      return values.map((w, i) => 1.5 * Math.sign(w) * std * found!.masks.get(key)![i]!);
    });
    expect(found!.accuracy).toBe(accuracyOf(model));
  });

  it('rescales by what the mask keeps', async () => {
    const [, found] = await run({ ...learned, roundMask: true, rescale: true });
    const model = withKernels((key, values) => {
      const mask = found!.masks.get(key)!;
      const kept = mask.reduce((sum, bit) => sum + bit, 0);
      expect(kept).toBeLessThan(mask.length);
      return values.map((w, i) => (w * mask[i]! * mask.length) / kept);
    });
    expect(found!.loss).toBeCloseTo(lossOf(model), 5);
  });

  it('rescales by what each drawn mask keeps, and learns an easier loss than it started with', async () => {
    const records = await recordsOf(
      supermask({ ...tinyStudy(), method: 'learned', rescale: true, epochs: 8, samples: 2 }),
    );
    const losses = records.filter((record) => record.type === 'point').map(({ loss }) => loss);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  });
});

it('refuses options of the other method, and values out of range', async () => {
  const refused = (more: object) => expect(run(more)).rejects;
  await refused({ method: 'magic' }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ ...heuristic, samples: 3 }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ ...learned, sparsities: [0.5] }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ method: 'heuristic' }).toMatchObject({ code: 'ERR_SPARSE_ARGUMENT', tensor: 'sparsities' });
  await refused({ ...heuristic, sparsities: [1] }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ ...heuristic, pruned: 'one' }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ ...heuristic, weights: 'constant' }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ ...learned, samples: 0 }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ ...learned, scoreStart: Number.NaN }).toMatchObject({
    code: 'ERR_SPARSE_OPTION',
    tensor: 'scoreStart',
  });
});
