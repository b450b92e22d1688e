import { describe, expect, it } from 'vitest';
import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import {
  constantSparsity,
  getSparsity,
  type PruneLowMagnitudeConfig,
  pruneLowMagnitude,
  stripPruning,
  updatePruningStep,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { articleModel, data, prunedWeights, smallModel, snapshot, zerosOf } from './models.ts';

const half = () => constantSparsity({ targetSparsity: 0.5, frequency: 1 });
type Outputs = tf.Tensor | tf.Tensor[];
const numbers = (outputs: Outputs) => [outputs].flat().map((output) => [...output.dataSync()]);

/** Two inputs, a shared layer, a nested model and two outputs. */
function tangledModel(): tf.LayersModel {
  const [a, b] = [tf.input({ shape: [6], name: 'a' }), tf.input({ shape: [6], name: 'b' })];
  const shared = tf.layers.dense({ name: 'shared', units: 5, activation: 'tanh' });
  const inner = tf.sequential({
    name: 'inner',
    layers: [
      tf.layers.dense({ name: 'first', units: 7, inputShape: [5] }),
      tf.layers.batchNormalization({ name: 'norm' }),
    ],
  });
  const [left, right] = [a, b].map((x) => shared.apply(x) as tf.SymbolicTensor);
  const nested = inner.apply(left!) as tf.SymbolicTensor;
  const merged = tf.layers.concatenate({ name: 'merge' }).apply([nested, right!]) as tf.SymbolicTensor;
  const out = tf.layers.dense({ name: 'out', units: 3 }).apply(merged) as tf.SymbolicTensor;
  return tf.model({ inputs: [a, b], outputs: [out, right!], name: 'tangled' });
}

describe('the wrapped model of the article', () => {
  const lines = (model: tf.LayersModel) => {
    const printed: string[] = [];
    model.summary(180, undefined, (line) => printed.push(line));
    return printed.join('\n');
  };

  it.each(['exact', 'tfmot'] as const)('has the parameters that TFMOT gives it (%s)', (compat) => {
    const model = pruneLowMagnitude(articleModel(), { pruningSchedule: half(), compat });
    const layers = model.layers.map((layer) => [layer.name, layer.countParams()]);
    expect(layers).toEqual([
      ['prune_low_magnitude_conv2d', 230],
      ['prune_low_magnitude_max_pooling2d', 1],
      ['prune_low_magnitude_flatten', 1],
      ['prune_low_magnitude_dense', 40_572],
    ]);
    const summary = lines(model);
    expect(summary).toMatch(/Total params: 40804\n/);
    expect(summary).toMatch(/Trainable params: 20410\n/);
    expect(summary).toMatch(/Non-trainable params: 20394\n/);
  });

  it('leaves the model alone that it was made from, and strips to one like it', () => {
    const given = articleModel();
    const stripped = stripPruning(pruneLowMagnitude(given, { pruningSchedule: half() }));
    expect(stripped.toJSON(undefined, false)).toEqual(given.toJSON(undefined, false));
    expect(stripped.constructor).toBe(given.constructor);
    expect(snapshot(stripped)).toEqual(snapshot(given));
  });

  it('prunes biases too where asked, each on its own', async () => {
    const given = smallModel();
    given.layers[0]!.setWeights([tf.randomNormal([6, 8]), tf.linspace(-3, 4, 8)]);
    const model = pruneLowMagnitude(given, { pruningSchedule: half(), biases: true });
    expect(prunedWeights(model).map(({ name }) => name)).toEqual(['kernel', 'bias', 'kernel', 'bias']);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    await model.trainOnBatch(x, y);
    // Two of the last layer's three biases are kept; they start at zero and move.
    expect(zerosOf(model)).toEqual([24, 4, 12, 1]);
    expect(getSparsity(model).weights.map(({ name, zeros }) => [name, zeros])).toEqual([
      ['kernel', 24],
      ['bias', 4],
      ['kernel', 12],
      ['bias', 1],
    ]);
  });
});

onEveryBackend(() => {
  it('gives the outputs of the given model before training: two inputs, shared, nested, two outputs', () => {
    const given = tangledModel();
    const { x } = data(4);
    const y = tf.neg(x);
    const expected = numbers(given.predict([x, y]) as Outputs);
    for (const compat of ['exact', 'tfmot'] as const) {
      const model = pruneLowMagnitude(given, { pruningSchedule: half(), compat });
      expect(numbers(model.predict([x, y]) as Outputs)).toEqual(expected);
      expect(model.layers.map(({ name }) => name)).toContain('prune_low_magnitude_shared');
      expect(
        findWrappers(model)
          .map(({ layer }) => layer.name)
          .sort(),
      ).toEqual(['first', 'merge', 'norm', 'out', 'shared'].sort());
      expect(numbers(stripPruning(model).predict([x, y]) as Outputs)).toEqual(expected);
    }
    expect(numbers(given.predict([x, y]) as Outputs)).toEqual(expected);
  });

  it('prunes a tangled model in training, and its strip predicts the same', async () => {
    const model = pruneLowMagnitude(tangledModel(), { pruningSchedule: half() });
    model.compile({ optimizer: 'adam', loss: ['meanSquaredError', 'meanSquaredError'] });
    const { x, y } = data(8);
    const z = data(8, 6, 5).y;
    await model.fit([x, tf.neg(x)], [y, z], {
      batchSize: 4,
      epochs: 1,
      verbose: 0,
      callbacks: updatePruningStep(),
    });
    const sizes = prunedWeights(model).map(({ variable }) => variable.size);
    expect(zerosOf(model)).toEqual(sizes.map((size) => Math.floor(size / 2)));
    const stripped = stripPruning(model);
    const [a, b] = [model, stripped].map((m) =>
      numbers(m.predict([x, y.matMul(tf.ones([3, 6]))]) as Outputs),
    );
    expect(b).toEqual(a);
    expect(getSparsity(stripped)).toEqual(getSparsity(model));
  });

  it('prunes kernel and recurrent kernel of an LSTM', async () => {
    const given = tf.sequential({
      layers: [tf.layers.lstm({ units: 3, inputShape: [5, 4] }), tf.layers.dense({ units: 2 })],
    });
    const model = pruneLowMagnitude(given, { pruningSchedule: half() });
    expect(prunedWeights(model).map(({ name }) => name)).toEqual(['kernel', 'recurrent_kernel', 'kernel']);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = tf.randomNormal([2, 5, 4]);
    await model.trainOnBatch(x, tf.ones([2, 2]));
    expect(zerosOf(model)).toEqual([24, 18, 3]);
    expect(numbers(stripPruning(model).predict(x) as Outputs)).toEqual(numbers(model.predict(x) as Outputs));
  });
});

it('prunes an embedding', async () => {
  const given = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 10, outputDim: 4, inputLength: 5 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2 }),
    ],
  });
  const model = pruneLowMagnitude(given, { pruningSchedule: half() });
  expect(prunedWeights(model).map(({ name }) => name)).toEqual(['embeddings', 'kernel']);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await model.trainOnBatch(tf.tensor2d([[1, 2, 3, 4, 5]], [1, 5]), tf.ones([1, 2]));
  expect(zerosOf(model)).toEqual([20, 20]);
});

describe('structures', () => {
  const train = async (options: Partial<PruneLowMagnitudeConfig>, given = smallModel()) => {
    const model = pruneLowMagnitude(given, { pruningSchedule: half(), ...options });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    await model.trainOnBatch(x, y);
    return prunedWeights(model).map((weight) => [...weight.readMask()]);
  };

  it.each(['AVG', 'MAX'] as const)('keeps or prunes whole blocks (%s)', async (blockPoolingType) => {
    const [kernel] = await train({
      blockSize: [2, 4],
      blockPoolingType,
      policy: ({ name }) => name === 'd1',
    });
    const blocks = [0, 1, 2].flatMap((r) =>
      [0, 1].map((c) => kernel!.filter((_, i) => i >> 4 === r && ((i >> 2) & 1) === c)),
    );
    expect(blocks.every((bits) => new Set(bits).size === 1)).toBe(true);
    expect(kernel!.filter((bit) => bit === 1)).toHaveLength(24);
  });

  it('prunes [1, 2] of TFMOT: one zero of two neighbouring inputs', async () => {
    const [kernel] = await train({ sparsityMByN: [1, 2] });
    for (let output = 0; output < 8; output++) {
      for (let input = 0; input < 6; input += 2) {
        expect(kernel![input * 8 + output]! + kernel![(input + 1) * 8 + output]!).toBe(1);
      }
    }
  });

  it('prunes N:M along the input channels of each tap of a convolution', async () => {
    const given = tf.sequential({
      layers: [tf.layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [3, 3, 4] })],
    });
    const model = pruneLowMagnitude(given, {
      pruningSchedule: half(),
      sparsityMByN: [3, 4],
      compat: 'tfmot',
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(tf.ones([1, 3, 3, 4]), tf.ones([1, 2, 2, 2]), {
      epochs: 1,
      verbose: 0,
      callbacks: updatePruningStep(),
    });
    const [weight] = prunedWeights(model);
    const bits = weight!.readMask();
    for (let tap = 0; tap < 4; tap++) {
      for (let output = 0; output < 2; output++) {
        const group = [0, 1, 2, 3].map((channel) => bits[(tap * 4 + channel) * 2 + output]!);
        expect(group.filter((bit) => bit === 1)).toHaveLength(1);
      }
    }
    expect(weight!.threshold.read().dataSync()[0]).toBe(999);
  });

  const refused: [string, Partial<PruneLowMagnitudeConfig>, string, RegExp][] = [
    [
      'a block larger than the matrix',
      { blockSize: [4, 16] },
      'ERR_SPARSE_SHAPE',
      /kernel of layer "d1" .*\[4, 16\]/,
    ],
    ['a block of no size', { blockSize: [0, 1] }, 'ERR_SPARSE_OPTION', /blockSize/],
    ['a block of a fraction', { blockSize: [1.5, 1] }, 'ERR_SPARSE_OPTION', /blockSize/],
    ['an unknown pooling', { blockPoolingType: 'SUM' as never }, 'ERR_SPARSE_OPTION', /SUM/],
    ['as many zeros as there are', { sparsityMByN: [4, 4] }, 'ERR_SPARSE_OPTION', /4 zeros of 4/],
    ['blocks and N:M at once', { blockSize: [1, 4], sparsityMByN: [2, 4] }, 'ERR_SPARSE_OPTION', /exclude/],
    ['no schedule', { pruningSchedule: undefined as never }, 'ERR_SPARSE_ARGUMENT', /pruningSchedule/],
    ['a number as schedule', { pruningSchedule: 0.5 as never }, 'ERR_SPARSE_ARGUMENT', /constantSparsity/],
    ['a policy that is no function', { policy: 'Dense' as never }, 'ERR_SPARSE_ARGUMENT', /policy.*function/],
    ['biases by name', { biases: 'bias' as never }, 'ERR_SPARSE_ARGUMENT', /biases.*boolean/],
    ['another compat', { compat: 'torch' as never }, 'ERR_SPARSE_OPTION', /torch/],
    ['a misspelt option', { blocksize: [1, 4] } as never, 'ERR_SPARSE_OPTION', /"blocksize".*"blockSize"/],
    [
      'an option in snake case',
      { pruning_schedule: half() } as never,
      'ERR_SPARSE_OPTION',
      /"pruningSchedule"/,
    ],
  ];
  it.each(refused)('refuses %s', (_what, options, code, message) => {
    const given = smallModel();
    const before = snapshot(given);
    expect(() => pruneLowMagnitude(given, { pruningSchedule: half(), ...options })).toThrowError(
      expect.objectContaining({ name: 'SparseError', code, message: expect.stringMatching(message) }),
    );
    expect(snapshot(given)).toEqual(before);
  });

  it('takes blocks of a convolution kernel as of a matrix; TFMOT refuses them', () => {
    const options = {
      pruningSchedule: half(),
      blockSize: [1, 4] as const,
      policy: ({ name }: { name: string }) => name === 'conv2d',
    };
    expect(() => pruneLowMagnitude(articleModel(), options)).not.toThrow();
    expect(() => pruneLowMagnitude(articleModel(), { ...options, compat: 'tfmot' })).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_SHAPE', message: expect.stringMatching(/rank 2/) }),
    );
  });
});

describe('policies and layers', () => {
  it('wraps only what the policy chooses', async () => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: half(),
      policy: ({ name }) => name === 'd2',
    });
    expect(model.layers.map(({ name }) => name)).toEqual(['d1', 'prune_low_magnitude_d2']);
    const classes: string[] = [];
    pruneLowMagnitude(articleModel(), {
      pruningSchedule: half(),
      policy: ({ className }) => classes.push(className) > 0,
    });
    expect(classes).toEqual(['Conv2D', 'MaxPooling2D', 'Flatten', 'Dense']);
  });

  it('trains what the policy left out, and shares nothing with the given model', async () => {
    const given = smallModel();
    const before = snapshot(given);
    const model = pruneLowMagnitude(given, { pruningSchedule: half(), policy: ({ name }) => name === 'd2' });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    await model.trainOnBatch(x, y);
    expect(snapshot(given)).toEqual(before);
    expect([...model.layers[0]!.getWeights()[0]!.dataSync()]).not.toEqual(before[0]);
  });

  it('leaves a layer of an unknown class as it is; TFMOT refuses it by name', () => {
    const given = tf.sequential({
      layers: [tf.layers.dense({ units: 4, inputShape: [3] }), tf.layers.prelu({ name: 'odd' })],
    });
    const model = pruneLowMagnitude(given, { pruningSchedule: half() });
    expect(model.layers.map((layer) => layer.getClassName())).toEqual(['PruneLowMagnitude', 'PReLU']);
    expect(() => pruneLowMagnitude(given, { pruningSchedule: half(), compat: 'tfmot' })).toThrowError(
      expect.objectContaining({
        code: 'ERR_SPARSE_UNSUPPORTED_LAYER',
        message: expect.stringMatching(/PReLU "odd"/),
      }),
    );
  });

  it('asks a custom layer for its prunable weights', async () => {
    class Scale extends tf.layers.Layer {
      static className = 'ScaleForPruning';
      factors!: ReturnType<Scale['addWeight']>;
      override build(shape: tf.Shape): void {
        this.factors = this.addWeight(
          'factors',
          [shape.at(-1)!],
          'float32',
          tf.initializers.randomNormal({}),
        );
        super.build(shape);
      }
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.mul([inputs].flat()[0]!, this.factors.read());
      }
      getPrunableWeights() {
        return [this.factors];
      }
    }
    const given = tf.sequential();
    given.add(new Scale({ inputShape: [6] } as never));
    const model = pruneLowMagnitude(given, { pruningSchedule: half() });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.trainOnBatch(tf.ones([2, 6]), tf.zeros([2, 6]));
    expect(zerosOf(model)).toEqual([3]);
    expect(getSparsity(stripPruning(model)).weights).toMatchObject([{ name: 'factors', zeros: 3 }]);
  });

  it('keeps frozen layers frozen', () => {
    const given = smallModel();
    given.layers[0]!.trainable = false;
    const model = pruneLowMagnitude(given, { pruningSchedule: half() });
    expect(model.layers.map(({ trainable }) => trainable)).toEqual([false, true]);
    expect(model.trainableWeights).toHaveLength(2);
    model.layers[0]!.trainable = true;
    expect(model.trainableWeights).toHaveLength(4);
  });

  it('keeps the regularizer of a layer', async () => {
    const given = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 2,
          inputShape: [2],
          kernelRegularizer: tf.regularizers.l2({ l2: 1 }),
          kernelInitializer: 'ones',
        }),
      ],
    });
    const model = pruneLowMagnitude(given, { pruningSchedule: half() });
    model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
    const [x, y] = [tf.zeros([1, 2]), tf.zeros([1, 2])];
    // The loss of the empty input is the penalty alone: the four ones, of which training prunes two.
    expect(await model.trainOnBatch(x, y)).toBe(2);
  });
});

describe('models that cannot be pruned', () => {
  const cases: [string, () => unknown, RegExp][] = [
    ['an empty model', () => tf.sequential(), /inputShape/],
    ['nothing', () => undefined, /undefined/],
    ['a tensor', () => tf.scalar(1), /Tensor/],
    ['a plain object', () => ({ layers: [] }), /Object/],
    [
      'a disposed model',
      () => {
        const model = smallModel();
        model.dispose();
        return model;
      },
      /disposed/,
    ],
    ['a wrapped model', () => pruneLowMagnitude(smallModel(), { pruningSchedule: half() }), /stripPruning/],
  ];
  it.each(cases)('%s', (_what, make, message) => {
    expect(() => pruneLowMagnitude(make() as tf.LayersModel, { pruningSchedule: half() })).toThrowError(
      expect.objectContaining({
        name: 'SparseError',
        code: 'ERR_SPARSE_MODEL',
        message: expect.stringMatching(message),
      }),
    );
  });

  it('a model of another copy of TF.js is told apart', () => {
    const stranger = new (class LayersModel {})();
    expect(() => pruneLowMagnitude(stranger as tf.LayersModel, { pruningSchedule: half() })).toThrowError(
      /another copy.*npm ls/s,
    );
  });
});
