import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pruneLowMagnitude } from '../../../lib/pruning/prune-low-magnitude.ts';
import { pruneOnce } from '../../../lib/pruning/prune-once.ts';
import { type ChannelReport, removeChannels } from '../../../lib/pruning/remove-channels.ts';
import { constantSparsity } from '../../../lib/pruning/schedules.ts';
import { onEveryBackend, tf } from './backends.ts';
import { smallModel, snapshot } from './models.ts';

/** Numbers in [-1, 1), the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  };
}

/** Fills all weights; kernels lose whole outputs with probability `dead`, biases stay unless `bias` is false. */
function fill(model: tf.LayersModel, seed: number, dead: number, bias = true): void {
  const next = numbers(seed);
  for (const weight of model.weights) {
    const { shape, originalName } = weight;
    const outputs = shape.at(-1)!;
    const size = (shape as number[]).reduce((a, b) => a * b, 1);
    const matrix = /kernel$/.test(originalName);
    const gone = Array.from({ length: outputs }, () => matrix && next() * 0.5 + 0.5 < dead);
    const values = Array.from({ length: size }, (_, i) => {
      if (gone[i % outputs]) return 0;
      if (originalName.endsWith('variance')) return 1 + Math.abs(next());
      return !bias && originalName.endsWith('bias') ? 0 : next();
    });
    weight.write(tf.tensor(values, shape as number[]));
  }
}

function inputsFor(model: tf.LayersModel, rows = 3): tf.Tensor[] {
  return model.inputs.map(({ shape }, i) =>
    tf.randomNormal([rows, ...(shape.slice(1) as number[])], 0, 1, 'float32', 11 + i),
  );
}

/** Both give the same, but for rounding. */
function expectSame(a: tf.LayersModel, b: tf.LayersModel): void {
  const xs = inputsFor(a);
  const of = (model: tf.LayersModel) => [model.predict(xs.length === 1 ? xs[0]! : xs)].flat() as tf.Tensor[];
  const [first, second] = [of(a), of(b)];
  expect(second.map(({ shape }) => shape)).toEqual(first.map(({ shape }) => shape));
  first.forEach((tensor, i) => {
    const expected = [...tensor.dataSync()];
    const received = second[i]!.dataSync();
    const largest = Math.max(1, ...expected.map(Math.abs));
    expected.forEach((value, j) => {
      expect(Math.abs(value - received[j]!)).toBeLessThanOrEqual(2e-5 * largest);
    });
  });
}

const unitsOf = (model: tf.LayersModel, name: string) =>
  (model.getLayer(name).getConfig() as { units?: number; filters?: number }).units ??
  (model.getLayer(name).getConfig() as { filters: number }).filters;

function convolutional(padding: 'valid' | 'same'): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: 'c1',
        filters: 6,
        kernelSize: 3,
        padding,
        activation: 'relu',
        inputShape: [8, 8, 2],
      }),
      tf.layers.batchNormalization({ name: 'bn' }),
      tf.layers.depthwiseConv2d({
        name: 'dw',
        kernelSize: 2,
        depthMultiplier: 2,
        padding,
        activation: 'tanh',
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.separableConv2d({ name: 'sep', filters: 5, kernelSize: 2, padding, activation: 'sigmoid' }),
      tf.layers.flatten(),
      tf.layers.dense({ name: 'd1', units: 7, activation: 'elu', useBias: false }),
      tf.layers.dense({ name: 'out', units: 3, activation: 'softmax' }),
    ],
  });
}

onEveryBackend(() => {
  it('takes dead neurons out and adds what they gave to the next biases', () => {
    const model = smallModel();
    const kernel = tf.randomNormal([6, 8], 0, 1, 'float32', 1).mul(tf.tensor1d([1, 0, 1, 1, 0, 1, 1, 1]));
    model.layers[0]!.setWeights([kernel, tf.linspace(-1, 1, 8)]);
    const before = snapshot(model);
    let reports: ChannelReport[] = [];
    const small = removeChannels(model, {}, { onReport: (given) => (reports = given) });
    expect(small.layers[0]!.getWeights()[0]!.shape).toEqual([6, 6]);
    expect(small.layers[1]!.getWeights()[0]!.shape).toEqual([6, 3]);
    expect(reports[0]).toEqual({ layer: 'd1', removed: [1, 4], kept: [] });
    expectSame(model, small);
    expect(snapshot(model)).toEqual(before);
  });

  const paddings = ['valid', 'same'] as const;
  it.each(paddings)('goes through convolutions, normalization, pools and a flatten (%s)', (padding) => {
    for (const seed of [1, 2, 3]) {
      const model = convolutional(padding);
      fill(model, seed, 0.4);
      expectSame(model, removeChannels(model));
    }
  });

  it('leaks no tensor', () => {
    const model = smallModel();
    fill(model, 5, 0.5);
    removeChannels(model).dispose();
    const { numTensors } = tf.memory();
    removeChannels(model).dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('what goes and what stays', () => {
  it('removes what pruneOnce made zero, output by output', async () => {
    const { model } = await pruneOnce(smallModel(), {
      sparsity: { d1: 0.5 },
      structure: { type: 'output' },
      biases: true,
    });
    const small = removeChannels(model);
    expect(unitsOf(small, 'd1')).toBe(4);
    expectSame(model, small);
  });

  it('keeps a constant that zero padding would cut at the edge, and says so', () => {
    const make = (bias: number) => {
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({ name: 'a', filters: 2, kernelSize: 1, inputShape: [4, 4, 1] }),
          tf.layers.conv2d({ name: 'b', filters: 2, kernelSize: 3, padding: 'same' }),
        ],
      });
      model.layers[0]!.setWeights([tf.tensor4d([1, 0], [1, 1, 1, 2]), tf.tensor1d([0, bias])]);
      return model;
    };
    let reports: ChannelReport[] = [];
    const kept = removeChannels(make(0.5), {}, { onReport: (given) => (reports = given) });
    expect(unitsOf(kept, 'a')).toBe(2);
    expect(reports[0]!.kept).toEqual([
      { output: 1, reason: 'constant but not zero, which the next layer cannot take into a bias' },
    ]);
    expect(unitsOf(removeChannels(make(0)), 'a')).toBe(1);
  });

  it('never removes outputs of the model, and leaves one output of a layer', () => {
    const model = smallModel();
    model.setWeights(model.getWeights().map((weight) => tf.zerosLike(weight)));
    const small = removeChannels(model);
    expect(unitsOf(small, 'd1')).toBe(1);
    expect(unitsOf(small, 'd2')).toBe(3);
    expectSame(model, small);
  });

  it('removes channels that an Add ties only where all branches are dead', () => {
    const input = tf.input({ shape: [4] });
    const branch = (name: string) => tf.layers.dense({ name, units: 3, activation: 'relu' }).apply(input);
    const sum = tf.layers.add().apply([branch('a'), branch('b')] as tf.SymbolicTensor[]);
    const output = tf.layers.dense({ name: 'out', units: 2 }).apply(sum) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: output });
    fill(model, 3, 0);
    const zero = (name: string, outputs: number[]) => {
      const layer = model.getLayer(name);
      const mask = tf.tensor1d([0, 1, 2].map((o) => Number(!outputs.includes(o))));
      const [kernel, bias] = layer.getWeights();
      layer.setWeights([kernel!.mul(mask), bias!.abs()]);
    };
    zero('a', [0, 1]);
    zero('b', [1, 2]);
    let reports: ChannelReport[] = [];
    const small = removeChannels(model, {}, { onReport: (given) => (reports = given) });
    expect([unitsOf(small, 'a'), unitsOf(small, 'b')]).toEqual([2, 2]);
    expect(reports.find(({ layer }) => layer === 'a')).toEqual({
      layer: 'a',
      removed: [1],
      kept: [{ output: 0, reason: 'tied to a channel that is alive' }],
    });
    expectSame(model, small);
  });

  it('removes named outputs as though they gave zero, and refuses those that have to stay', () => {
    const model = smallModel();
    const small = removeChannels(model, { d1: [2, 5] });
    expect(unitsOf(small, 'd1')).toBe(6);
    const [kernel, bias] = model.layers[1]!.getWeights();
    const mask = tf.tensor2d([0, 1, 2, 3, 4, 5, 6, 7].map((o) => [o === 2 || o === 5 ? 0 : 1]));
    model.layers[1]!.setWeights([kernel!.mul(mask), bias!]);
    expectSame(model, small);
    const refusal = (channels: Record<string, number[]>) => {
      try {
        return removeChannels(model, channels);
      } catch (error) {
        return error;
      }
    };
    expect(refusal({ d2: [0] })).toMatchObject({ code: 'ERR_SPARSE_OPTION', layer: 'd2' });
    expect(refusal({ d1: [8] })).toMatchObject({ code: 'ERR_SPARSE_OPTION', received: 8 });
    expect(refusal({ d9: [0] })).toMatchObject({ code: 'ERR_SPARSE_OPTION', layer: 'd9' });
  });

  it('keeps what a layer that it does not know reads', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'd', units: 4, inputShape: [3, 2] }),
        tf.layers.lstm({ name: 'memory', units: 2 }),
      ],
    });
    model.layers[0]!.setWeights([tf.zeros([2, 4]), tf.zeros([4])]);
    const small = removeChannels(model);
    expect(unitsOf(small, 'd')).toBe(4);
    expectSame(model, small);
  });

  it('does not look through a softmax, which sees all channels at once', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'd', units: 4, activation: 'softmax', inputShape: [3] }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    fill(model, 4, 0.9);
    expect(unitsOf(removeChannels(model), 'd')).toBe(4);
  });

  it('refuses a wrapped model', () => {
    const pruningSchedule = constantSparsity({ targetSparsity: 0.5 });
    expect(() => removeChannels(pruneLowMagnitude(smallModel(), { pruningSchedule }))).toThrow(
      expect.objectContaining({ code: 'ERR_SPARSE_MODEL' }),
    );
  });
});

describe('any model', () => {
  interface Recipe {
    seed: number;
    dead: number;
    bias: boolean;
    steps: { kind: string; units: number; padding: 'valid' | 'same'; activation: string }[];
  }
  const step = fc.record({
    kind: fc.constantFrom(
      'conv',
      'shared',
      'bn',
      'depthwise',
      'add',
      'concat',
      'multiply',
      'pad',
      'nested',
      'pool',
    ),
    units: fc.integer({ min: 1, max: 5 }),
    padding: fc.constantFrom('valid' as const, 'same' as const),
    activation: fc.constantFrom('linear', 'relu', 'sigmoid', 'tanh'),
  });
  const recipes: fc.Arbitrary<Recipe> = fc.record({
    seed: fc.integer({ min: 0, max: 1e6 }),
    dead: fc.constantFrom(0, 0.3, 0.7, 1),
    bias: fc.boolean(),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  });

  /** A functional model of random layers over 7 × 7 pictures, with shortcuts, shared layers and models inside. */
  function build({ steps, seed, dead, bias }: Recipe): tf.LayersModel {
    const input = tf.input({ shape: [7, 7, 2] });
    let x = input;
    const apply = (layer: tf.layers.Layer, ...inputs: tf.SymbolicTensor[]) =>
      layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as tf.SymbolicTensor;
    for (const { kind, units, padding, activation: name } of steps) {
      const activation = name as 'relu';
      const conv = (filters: number, kernelSize = 1) =>
        tf.layers.conv2d({ filters, kernelSize, padding, activation, useBias: bias });
      const channels = x.shape.at(-1)!;
      const large = x.shape[1]! >= 3;
      if (kind === 'conv') x = apply(conv(units, large ? 3 : 1), x);
      if (kind === 'bn') x = apply(tf.layers.batchNormalization(), x);
      if (kind === 'depthwise' && large)
        x = apply(
          tf.layers.depthwiseConv2d({ kernelSize: 2, padding, depthMultiplier: 1 + (units % 2), activation }),
          x,
        );
      if (kind === 'add') x = apply(tf.layers.add(), apply(conv(channels), x), x);
      if (kind === 'multiply') x = apply(tf.layers.multiply(), apply(conv(units), x), apply(conv(units), x));
      if (kind === 'concat') x = apply(tf.layers.concatenate(), apply(conv(units), x), x);
      if (kind === 'pad') x = apply(tf.layers.zeroPadding2d(), x);
      if (kind === 'pool' && large)
        x = apply(tf.layers.averagePooling2d({ poolSize: 2, strides: 1, padding }), x);
      if (kind === 'shared') {
        const twice = conv(channels);
        x = apply(twice, apply(twice, x));
      }
      if (kind === 'nested') {
        const inner = tf.sequential({
          layers: [
            tf.layers.conv2d({
              filters: 3,
              kernelSize: 1,
              activation,
              inputShape: x.shape.slice(1) as number[],
            }),
            tf.layers.conv2d({ filters: units, kernelSize: 1 }),
          ],
        });
        x = apply(inner, x);
      }
    }
    x = apply(tf.layers.dense({ units: 3 }), apply(tf.layers.flatten(), x));
    const model = tf.model({ inputs: input, outputs: x });
    fill(model, seed, dead, bias);
    return model;
  }

  it('predicts the same with fewer channels', () => {
    let removed = 0;
    fc.assert(
      fc.property(recipes, (recipe) => {
        const model = build(recipe);
        const small = removeChannels(
          model,
          {},
          {
            onReport: (reports) => {
              for (const report of reports) removed += report.removed.length;
            },
          },
        );
        expectSame(model, small);
        expect(small.countParams()).toBeLessThanOrEqual(model.countParams() + 40);
        model.dispose();
        small.dispose();
      }),
      { numRuns: 40 },
    );
    expect(removed).toBeGreaterThan(20);
  });
});
