import { afterEach, expect, it } from 'vitest';
import { type Acceleration, accelerate } from '../../../lib/tfjs.ts';
import { articleCnn, leNet, nestedModel, sharedModel } from '../../helpers/models.ts';
import { onEveryBackend, tf } from '../pruning/backends.ts';
import { expectClose, inputsFor, random, randomWeights, take } from './models.ts';

let acceleration: Acceleration | undefined;
/** Restored after each test. */
function faster(model: tf.LayersModel, sparse: 'auto' | 'always' | 'never' = 'always'): Acceleration {
  acceleration = accelerate(model, { sparse });
  return acceleration;
}
afterEach(() => acceleration?.restore());

const counts = ({ describe }: Acceleration) => {
  const { sparseCalls, delegatedCalls } = describe()[0]!;
  return [sparseCalls, delegatedCalls];
};

onEveryBackend(() => {
  it.each([
    ['a convolutional network', () => articleCnn('softmax'), 1],
    ['a pruned convolutional network', () => articleCnn(), 0.2],
    ['LeNet-300-100', leNet, 1],
    ['a pruned LeNet-300-100', leNet, 0.1],
    ['a model of several inputs and outputs', sharedModel, 0.5],
    ['a nested model', nestedModel, 0.5],
  ] as const)('predicts as before for %s', (_, make, density) => {
    const model = randomWeights<tf.LayersModel>(make(), density);
    for (const batch of [1, 3, 40]) {
      const x = inputsFor(model, batch);
      const expected = take(model.predict(x));
      const alone = x.length === 1 ? take(model.predict(x[0]!, { batchSize: batch })) : expected;
      const handle = faster(model);
      const tensors = tf.memory().numTensors;
      const predicted = model.predict(x);
      expect([predicted].flat().map(({ shape }) => shape)).toEqual(
        model.outputs.map(({ shape }) => [batch, ...shape.slice(1)]),
      );
      expect(Array.isArray(predicted)).toBe(model.outputs.length > 1);
      expectClose(take(predicted), expected);
      if (x.length === 1) expectClose(take(model.predict(x[0]!, { batchSize: 2 })), alone);
      expectClose(take(model.predictOnBatch(x)), expected);
      expect(tf.memory().numTensors).toBe(tensors);
      expect(counts(handle)).toEqual([x.length === 1 ? 3 : 2, 0]);
      handle.restore();
      tf.dispose(x);
    }
    model.dispose();
  });

  it('leaves inputs that are not finite to TF.js, wherever they are', () => {
    const model = randomWeights(leNet(), 0.1);
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      const values = random.floats(3 * 784);
      values[random.integer(0, values.length - 1)] = bad;
      const x = tf.tensor2d(values, [3, 784]);
      const expected = take(model.predict(x) as tf.Tensor);
      const handle = faster(model);
      expect(take(model.predict(x) as tf.Tensor)).toEqual(expected);
      expect(counts(handle)).toEqual([0, 1]);
      handle.restore();
      x.dispose();
    }
    model.dispose();
  });

  it('leaves to TF.js what is not a float32 tensor of the right shape, and its errors with it', () => {
    const model = randomWeights(leNet());
    const calls: [string, () => unknown][] = [
      ['no tensor', () => model.predict([1, 2] as never)],
      ['another shape', () => model.predict(tf.zeros([2, 783]))],
      ['another rank', () => model.predict(tf.zeros([2, 28, 28]))],
      ['too many', () => model.predict([tf.zeros([2, 784]), tf.zeros([2, 784])])],
      ['a wrong batchSize', () => model.predict(tf.zeros([2, 784]), { batchSize: 0 })],
      ['a wrong batchSize', () => model.predict(tf.zeros([2, 784]), { batchSize: 1.5 })],
    ];
    const messageOf = (call: () => unknown) => {
      try {
        return `gives ${call()}`;
      } catch (error) {
        return (error as Error).message;
      }
    };
    tf.tidy(() => {
      const x = tf.ones([2, 784], 'int32');
      const expected = (model.predict(x) as tf.Tensor).dataSync();
      const messages = calls.map(([, call]) => messageOf(call));
      const handle = faster(model);
      expect(calls.map(([, call]) => messageOf(call))).toEqual(messages);
      expect((model.predict(x) as tf.Tensor).dataSync()).toEqual(expected);
      expect(counts(handle)).toEqual([0, calls.length + 1]);
    });
    model.dispose();
  });

  it('never serves stale weights, and packs new ones at the second call', async () => {
    const model = randomWeights(leNet(), 0.3);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const handle = faster(model);
    const [x] = inputsFor(model, 2) as [tf.Tensor];
    const y = tf.randomNormal([2, 10]);
    const plain = () => tf.tidy(() => take(model.apply(x) as tf.Tensor));
    const changes: [string, () => unknown][] = [
      ['fit', () => model.fit(x, y, { verbose: 0 })],
      ['setWeights', () => randomWeights(model)],
      ['setWeights of a layer', () => setRandom(model.layers.at(-1)!)],
      ['trainOnBatch', () => model.trainOnBatch(x, y)],
      ['assign', () => assignZeros(model.layers[0]!)],
    ];
    let served = 0;
    for (const [i, [, change]] of changes.entries()) {
      await change();
      const expected = plain();
      for (const _ of [1, 2, 3]) expectClose(take(model.predict(x) as tf.Tensor), expected);
      served += 2;
      expect(counts(handle)).toEqual([served, i + 1]);
    }
    tf.dispose([x, y]);
    model.dispose();
  });

  it('leaves training bit by bit as it is', async () => {
    const model = randomWeights(leNet(), 0.5);
    const start = model.getWeights().map((weight) => weight.clone());
    const [x] = inputsFor(model, 64) as [tf.Tensor];
    const y = tf.oneHot(tf.tensor1d(Int32Array.from({ length: 64 }, (_, i) => i % 10)), 10);
    const train = async () => {
      model.setWeights(start);
      model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
      const { history } = await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 });
      tf.dispose(model.predict(x));
      const gradients = tf.tidy(() => {
        const loss = () => (model.predict(x) as tf.Tensor).square().sum() as tf.Scalar;
        return tf
          .variableGrads(loss)
          .grads[(model.trainableWeights[0]!.read() as tf.Variable).name]!.dataSync()
          .slice();
      });
      return { history, gradients, weights: model.getWeights().map((weight) => weight.dataSync().slice()) };
    };
    const expected = await train();
    faster(model);
    expect(await train()).toEqual(expected);
    tf.dispose([start, x, y]);
    model.dispose();
  });

  it('gives the model back as it found it', () => {
    const model = randomWeights(leNet());
    const { predict, predictOnBatch } = model;
    const tensors = tf.memory().numTensors;
    const handle = faster(model);
    expect(model.predict).not.toBe(predict);
    tf.tidy(() => void model.predict(tf.zeros([1, 784])));
    handle.restore();
    handle.restore();
    expect(model.predict).toBe(predict);
    expect(model.predictOnBatch).toBe(predictOnBatch);
    expect(Object.hasOwn(model, 'predict')).toBe(false);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(counts(handle), 'of a restored model').toEqual([1, 0]);
    model.dispose();
  });
});

it('finds out which way is faster by letting calls take turns', () => {
  const model = randomWeights(leNet());
  const handle = faster(model, 'auto');
  const x = tf.zeros([1, 784]);
  for (let i = 0; i < 20; i++) tf.dispose(model.predict(x));
  const [native, tfjs] = counts(handle) as [number, number];
  expect(native + tfjs).toBe(20);
  expect(Math.min(native, tfjs)).toBeGreaterThanOrEqual(2);
  expect(handle.describe()[0]!.reason).toMatch(
    /as called, batch 1: native \d+ us, TF\.js \d+ us: (native|TF\.js)$/,
  );
  tf.dispose(x);
  model.dispose();
});

it('does not let calls take turns where most weights are zero', () => {
  const model = randomWeights(leNet(), 0.1);
  const handle = faster(model, 'auto');
  const x = tf.zeros([1, 784]);
  for (let i = 0; i < 5; i++) tf.dispose(model.predict(x));
  expect(counts(handle)).toEqual([5, 0]);
  x.dispose();
  model.dispose();
});

it('leaves a model to TF.js whose layers were exchanged meanwhile', () => {
  const model = randomWeights(leNet());
  const handle = faster(model);
  model.pop();
  const x = tf.zeros([2, 784]);
  const received = take(model.predict(x) as tf.Tensor);
  expect(counts(handle)).toEqual([0, 1]);
  handle.restore();
  expect(received).toEqual(take(model.predict(x) as tf.Tensor));
  x.dispose();
});

it('leaves a disposed model to TF.js, which says so', () => {
  const model = randomWeights(leNet());
  const handle = faster(model);
  model.dispose();
  const x = tf.zeros([1, 784]);
  expect(() => model.predict(x)).toThrow(/disposed/);
  x.dispose();
  handle.restore();
});

it.each([
  [
    'no model',
    () => accelerate({} as never),
    'ERR_SPARSE_ARGUMENT',
    /is Object, expected a LayersModel or a GraphModel/,
  ],
  ['null', () => accelerate(null as never), 'ERR_SPARSE_ARGUMENT', /is null/],
  ['an unknown option', () => accelerate(leNet(), { batch: [1] } as never), 'ERR_SPARSE_OPTION', /"batch"/],
  ['a wrong option', () => accelerate(leNet(), { threads: 0 }), 'ERR_SPARSE_OPTION', /threads is 0/],
  ['a model that is not built', () => accelerate(tf.sequential()), 'ERR_SPARSE_MODEL', /is not built/],
  [
    'a disposed model',
    () => {
      const model = leNet();
      model.dispose();
      return accelerate(model);
    },
    'ERR_SPARSE_MODEL',
    /was disposed/,
  ],
  [
    'a model that is accelerated already',
    () => {
      const model = leNet();
      faster(model);
      return accelerate(model);
    },
    'ERR_SPARSE_ACCELERATED',
    /accelerated already/,
  ],
] as const)('refuses %s', (_, call, code, message) => {
  expect(call).toThrowError(
    expect.objectContaining({ name: 'SparseError', code, message: expect.stringMatching(message) }),
  );
});

it('accelerates a model again that was restored', () => {
  const model = randomWeights(leNet());
  faster(model).restore();
  const handle = faster(model);
  tf.tidy(() => void model.predict(tf.zeros([1, 784])));
  expect(counts(handle)).toEqual([1, 0]);
  model.dispose();
});

function setRandom(layer: tf.layers.Layer): void {
  const values = layer.getWeights().map(({ shape }) => tf.randomNormal(shape));
  layer.setWeights(values);
  tf.dispose(values);
}

function assignZeros(layer: tf.layers.Layer): void {
  const variable = layer.weights[0]!.read() as tf.Variable;
  tf.tidy(() => variable.assign(tf.zeros(variable.shape)));
}
