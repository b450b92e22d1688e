import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../lib/session/compile.ts';
import type { SparseSession } from '../../../lib/session/session.ts';
import type { SparseMode } from '../../../lib/sparse/kernel-choice.ts';
import { randomizeWeights } from '../../helpers/against-tfjs.ts';
import { articleCnn, leNet, nestedModel, sharedModel } from '../../helpers/models.ts';
import { Random } from '../../helpers/random.ts';
import { type Pruning, prunedKernel } from '../../helpers/random-plan.ts';
import { bits, relativeDifference } from '../../helpers/sessions.ts';

const tolerance = 1e-5;
const batches = [1, 2, 3, 7, 8, 16, 17, 64];
const modes: SparseMode[] = ['auto', 'always', 'never'];

/** Replaces every kernel of a model by a pruned one. */
function pruneKernels(model: tf.LayersModel, random: Random, pruning: Pruning): void {
  for (const layer of model.layers) {
    const weights = layer.getWeights();
    if (weights.length === 0 || weights[0]!.rank < 2) continue;
    const { shape, size } = weights[0]!;
    const outputs = shape.at(-1)!;
    const kernel = tf.tensor(prunedKernel(random, size / outputs, outputs, pruning), shape);
    layer.setWeights([kernel, ...weights.slice(1)]);
    kernel.dispose();
  }
}

/** What `predict` gives for a batch, by output. */
function predict(model: tf.LayersModel, inputs: readonly Float32Array[], batch: number): Float32Array[] {
  return tf.tidy(() => {
    const tensors = inputs.map((x, i) =>
      tf.tensor(x, [batch, ...(model.inputs[i]!.shape.slice(1) as number[])]),
    );
    const outputs = [model.predict(tensors, { batchSize: batch })].flat();
    return outputs.map((output) => output.dataSync<'float32'>());
  });
}

function randomInputs(model: tf.LayersModel, random: Random, batch: number): Float32Array[] {
  return model.inputs.map(({ shape }) =>
    random.floats(
      (shape.slice(1) as number[]).reduce((a, b) => a * b, batch),
      1,
    ),
  );
}

function byName(session: SparseSession, inputs: readonly Float32Array[]): Record<string, Float32Array> {
  return Object.fromEntries(session.inputs.map(({ name }, i) => [name, inputs[i]!]));
}

/** Two classes that TensorFlow.js itself can hardly tell apart may change places, no others. */
function expectSameClasses(actual: ArrayLike<number>, expected: Float32Array, classes: number): void {
  for (let first = 0; first < expected.length; first += classes) {
    const scores = [...expected.subarray(first, first + classes)];
    const mine = Array.from({ length: classes }, (_, i) => actual[first + i]!);
    const [best, second] = scores.toSorted((a, b) => b - a) as [number, number];
    if (best - second >= 1e-5) expect(mine.indexOf(Math.max(...mine))).toBe(scores.indexOf(best));
  }
}

const models: Record<string, () => tf.LayersModel> = {
  'the CNN': () => articleCnn(),
  'the CNN with softmax': () => articleCnn('softmax'),
  'LeNet-300-100': leNet,
  'nested models': nestedModel,
  'Dense on sequences': () =>
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 24, activation: 'tanh', inputShape: [9, 40] }),
        tf.layers.dense({ units: 17, activation: 'elu' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 5 }),
      ],
    }),
  'every kind of layer': () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({
          filters: 16,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          inputShape: [17, 15, 3],
        }),
        tf.layers.batchNormalization(),
        tf.layers.reLU({ maxValue: 6 }),
        tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
        tf.layers.activation({ activation: 'swish' as never }),
        tf.layers.conv2d({ filters: 24, kernelSize: 1, activation: 'relu' }),
        tf.layers.averagePooling2d({ poolSize: 2, padding: 'same' }),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.maxPooling2d({ poolSize: 3, strides: 1 }),
        tf.layers.conv2d({ filters: 12, kernelSize: [3, 2], activation: 'tanh' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 30, activation: 'selu' }),
        tf.layers.dense({ units: 6 }),
        tf.layers.softmax(),
      ],
    }),
};
const prunings: Pruning[] = [
  { sparsity: 0, block: 1 },
  { sparsity: 0.5, block: 1 },
  { sparsity: 0.9, block: 1 },
  { sparsity: 0.99, block: 1 },
  { sparsity: 0.9, block: 2 },
  { sparsity: 0.9, block: 4 },
  { sparsity: 0.9, block: 8 },
];

describe.each(Object.keys(models))('%s', (name) => {
  it.each(prunings)('gives what predict gives, sparsity $sparsity in blocks of $block', async (pruning) => {
    const random = new Random();
    const model = models[name]!();
    randomizeWeights(model, random);
    pruneKernels(model, random, pruning);
    const sessions = await Promise.all(modes.map((sparse) => compile(model, { sparse })));
    for (const batch of batches) {
      const inputs = randomInputs(model, random, batch);
      const expected = predict(model, inputs, batch);
      for (const [i, session] of sessions.entries()) {
        const outputs = Object.values(session.run(byName(session, inputs)));
        const what = `SEED=${random.seed}, sparse ${modes[i]}, batch ${batch}`;
        for (const [o, output] of outputs.entries())
          expect(relativeDifference(output, expected[o]!), what).toBeLessThan(tolerance);
        expectSameClasses(outputs[0]!, expected[0]!, session.outputs[0]!.shape.at(-1)!);
      }
    }
    for (const session of sessions) session.dispose();
    model.dispose();
  });

  it('gives the same bits on one thread, on two, and in a second run', async () => {
    const random = new Random();
    const model = models[name]!();
    randomizeWeights(model, random);
    const [one, two] = await Promise.all([1, 2].map((threads) => compile(model, { threads })));
    for (const batch of [1, 3, 64, 256]) {
      const inputs = byName(one!, randomInputs(model, random, batch));
      const expected = Object.values(one!.run(inputs)).map(bits);
      for (const session of [one!, two!, two!]) {
        expect(Object.values(session.run(inputs)).map(bits), `batch ${batch}`).toEqual(expected);
        expect(Object.values(await session.runAsync(inputs)).map(bits), `batch ${batch}`).toEqual(expected);
      }
    }
    model.dispose();
  });
});

describe('several inputs and outputs', () => {
  it('go by name, whatever the order of the keys', async () => {
    const random = new Random();
    const model = sharedModel();
    randomizeWeights(model, random);
    const session = await compile(model);
    expect(session.inputs.map((port) => port.name)).toEqual(['left', 'right']);
    expect(session.inputs[0]).toEqual({ name: 'left', shape: [null, 5], dtype: 'float32' });
    const [left, right] = randomInputs(model, random, 3) as [Float32Array, Float32Array];
    const expected = predict(model, [left, right], 3);
    const outputs = session.run({ right, left });
    expect(Object.keys(outputs)).toEqual(session.outputs.map((port) => port.name));
    for (const [i, { name, shape }] of session.outputs.entries()) {
      expect(outputs[name]!.length).toBe(3 * shape[1]!);
      expect(relativeDifference(outputs[name]!, expected[i]!)).toBeLessThan(tolerance);
    }
    model.dispose();
  });

  it('are left out of the plan when only some outputs are wanted', async () => {
    const random = new Random();
    const model = sharedModel();
    randomizeWeights(model, random);
    const all = await compile(model);
    const wanted = all.outputs[1]!.name;
    const some = await compile(model, { outputs: [wanted] });
    expect(some.outputs.map((port) => port.name)).toEqual([wanted]);
    expect(some.describe().steps.length).toBeLessThan(all.describe().steps.length);
    model.dispose();
  });
});
