import * as tf from '@tensorflow/tfjs-node';
import { afterAll, describe, expect, it } from 'vitest';
import { compare } from '../../../lib/measure/compare.ts';
import { compareEngines } from '../../../lib/measure/comparison.ts';

/** A small network with zeros, always the same. */
function network(name: string): tf.Sequential {
  const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({
    name,
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 3, kernelSize: 3, kernelInitializer: seeded(1) }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 5, kernelInitializer: seeded(2) }),
    ],
  });
  const dense = model.layers[2]!;
  const [kernel, bias] = dense.getWeights();
  dense.setWeights([tf.where(kernel!.abs().greater(0.1), kernel!, tf.zerosLike(kernel!)), bias!]);
  return model;
}

const model = network('small');
afterAll(() => model.dispose());

describe('compare', () => {
  it('gives a row for every engine at every batch size, outputs compared', async () => {
    const { rows, environment } = await compare(model, {
      engines: compareEngines,
      batch: [1, 3],
      seconds: 0,
    });
    expect(rows.map((row) => [row.batch, row.engine])).toEqual(
      [1, 3].flatMap((batch) => compareEngines.map((engine) => [batch, engine])),
    );
    for (const row of rows.filter((r) => r.engine !== 'onnxruntime')) {
      expect(row.maxDifference).toBeLessThanOrEqual(1e-5);
      expect(row.medianUs).toBeGreaterThan(0);
      expect(row.samples).toBeGreaterThanOrEqual(11);
      const [low, high] = row.ratioInterval;
      expect(low).toBeLessThanOrEqual(row.ratio);
      expect(high).toBeGreaterThanOrEqual(row.ratio);
    }
    for (const row of rows.filter((r) => r.engine === 'tfjs-node')) {
      expect(row).toMatchObject({ ratio: 1, ratioInterval: [1, 1], maxDifference: 0 });
    }
    expect(environment).toMatchObject({ baseline: 'tfjs-node', threads: 1, node: process.version });
    expect(environment.cpu).toBeTruthy();
    expect(environment.isa).toBeTruthy();
    expect(environment.tfjs).toBe(tf.version_core);
  });

  it('says in a row why an engine did not run', async () => {
    const { rows } = await compare(model, { engines: ['session', 'onnxruntime'], batch: [2], seconds: 0 });
    const row = rows.find((r) => r.engine === 'onnxruntime')!;
    expect(row).toMatchObject({ samples: 0, medianUs: Number.NaN, ratio: Number.NaN });
    expect(row.note).toMatch(/onnxruntime-node is not installed|cannot write/);
  });

  it('refers to the dense session where no TF.js engine takes part', async () => {
    const { rows, environment } = await compare(model, {
      engines: ['session', 'session-dense'],
      batch: [1],
      seconds: 0,
    });
    expect(environment.baseline).toBe('session-dense');
    expect(rows.find((row) => row.engine === 'session-dense')!.ratio).toBe(1);
  });

  it('leaves the TF.js backend and the number of tensors as they were', async () => {
    await tf.setBackend('tensorflow');
    const before = tf.memory().numTensors;
    await compare(model, { engines: ['tfjs-wasm', 'tfjs-node'], batch: [1], seconds: 0 });
    expect(tf.getBackend()).toBe('tensorflow');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('takes models with several inputs and outputs', async () => {
    const a = tf.input({ shape: [4], name: 'a' });
    const b = tf.input({ shape: [6], name: 'b' });
    const denseA = tf.layers.dense({ units: 3, activation: 'relu' }).apply(a) as tf.SymbolicTensor;
    const denseB = tf.layers.dense({ units: 2 }).apply(b) as tf.SymbolicTensor;
    const two = tf.model({ inputs: [a, b], outputs: [denseA, denseB] });
    const { rows } = await compare(two, { engines: ['session', 'tfjs-node'], batch: [2], seconds: 0 });
    for (const row of rows) expect(row.maxDifference).toBeLessThanOrEqual(1e-5);
    two.dispose();
  });

  it('tells how far it is, in rising fractions of the batch sizes', async () => {
    const seen: [number, number][] = [];
    await compare(model, {
      engines: ['session'],
      batch: [1, 2],
      seconds: 0,
      onProgress: (done, total) => seen.push([done, total]),
    });
    const done = seen.map(([d]) => d);
    expect(done).toEqual([...done].sort((x, y) => x - y));
    expect(seen.at(-1)).toEqual([2, 2]);
  });

  it('stops when the caller aborts, before or in the middle', async () => {
    const options = { engines: ['session', 'tfjs-node'] as const, batch: [1], seconds: 60 };
    await expect(compare(model, { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_SPARSE_ABORTED',
    });
    const stop = new AbortController();
    await expect(
      compare(model, { ...options, signal: stop.signal, onProgress: () => stop.abort() }),
    ).rejects.toMatchObject({ code: 'ERR_SPARSE_ABORTED' });
    expect(tf.getBackend()).toBe('tensorflow');
  });

  it.each([
    ['engines', ['tfjs'], 'tfjs'],
    ['engines', [], []],
    ['batch', [0], [0]],
    ['batch', [1.5], [1.5]],
    ['batch', [], []],
    ['threads', 0, 0],
    ['seconds', Number.NaN, Number.NaN],
    ['seconds', -1, -1],
  ])('refuses %s %j', async (name, value, received) => {
    await expect(compare(model, { [name]: value })).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      tensor: name,
      received,
    });
  });

  it('refuses an option that it does not know, by name', async () => {
    await expect(compare(model, { batches: [1] } as never)).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      tensor: 'batches',
    });
  });

  it('passes on that a model cannot be compiled', async () => {
    const layer = tf.layers.conv3d({ inputShape: [3, 3, 3, 2], filters: 2, kernelSize: 2 });
    const video = tf.sequential({ layers: [layer] });
    await expect(compare(video, { batch: [1], seconds: 0 })).rejects.toMatchObject({
      code: 'ERR_SPARSE_UNSUPPORTED_LAYER',
    });
    video.dispose();
  });
});
