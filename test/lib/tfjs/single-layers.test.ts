import { afterEach, expect, it } from 'vitest';
import { type Acceleration, accelerate } from '../../../lib/tfjs.ts';
import { onEveryBackend, tf } from '../pruning/backends.ts';
import { expectClose, inputsFor, modelWithStranger, randomWeights, StrangeSum, take } from './models.ts';

const accelerations: Acceleration[] = [];
function faster(model: tf.LayersModel): Acceleration {
  const acceleration = accelerate(model, { sparse: 'always' });
  accelerations.push(acceleration);
  return acceleration;
}
afterEach(() => {
  for (const acceleration of accelerations.splice(0)) acceleration.restore();
});

/** Native calls by the layer of the row. */
const callsOf = (acceleration: Acceleration) =>
  Object.fromEntries(
    acceleration
      .describe()
      .map(({ layer, sparseCalls, delegatedCalls }) => [layer, [sparseCalls, delegatedCalls]]),
  );

/** Convolutions and a sum of two branches, which does not compile as a whole. */
function residualNetwork(size: number | null = 8): tf.LayersModel {
  const x = tf.input({ shape: [size, size, 3] });
  const conv = tf.layers.conv2d({
    filters: 6,
    kernelSize: 3,
    padding: 'same',
    activation: 'relu',
    name: 'conv',
  });
  const deep = tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', name: 'depthwise' });
  const first = conv.apply(x) as tf.SymbolicTensor;
  const sum = new StrangeSum().apply([first, deep.apply(first) as tf.SymbolicTensor]) as tf.SymbolicTensor;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(sum) as tf.SymbolicTensor;
  const head = tf.layers.dense({ units: 4, activation: 'softmax', name: 'head' });
  return tf.model({ inputs: x, outputs: head.apply(pooled) as tf.SymbolicTensor });
}

onEveryBackend(() => {
  it('runs the layers that compile of a model that does not', () => {
    const model = randomWeights(residualNetwork(), 0.4);
    const [x] = inputsFor(model, 5) as [tf.Tensor];
    const expected = take(model.predict(x) as tf.Tensor);
    const handle = faster(model);
    const tensors = tf.memory().numTensors;
    for (const _ of [1, 2]) expectClose(take(model.predict(x) as tf.Tensor), expected);
    expectClose(take(tf.tidy(() => model.apply(x) as tf.Tensor)), expected);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(callsOf(handle)).toEqual({ conv: [3, 0], depthwise: [3, 0], head: [3, 0] });
    handle.restore();
    for (const layer of model.layers) expect(Object.hasOwn(layer, 'call')).toBe(false);
    x.dispose();
    model.dispose();
  });

  it('makes sessions for pictures of several sizes as they come, up to a number', () => {
    const model = randomWeights(residualNetwork(null), 0.4);
    const pictures = [5, 6, 7, 8, 9, 10].map((size) => tf.randomNormal([1, size, size, 3]));
    const expected = pictures.flatMap((x) => take(model.predict(x) as tf.Tensor));
    const handle = faster(model);
    expectClose(
      pictures.flatMap((x) => take(model.predict(x) as tf.Tensor)),
      expected,
    );
    expect(handle.describe().filter(({ layer }) => layer === 'conv').length).toBe(4);
    tf.dispose(pictures);
    model.dispose();
  });

  it('runs a Dense layer on inputs of three axes', () => {
    const x = tf.input({ shape: [7, 12] });
    const dense = tf.layers.dense({ units: 9, activation: 'tanh', name: 'dense' });
    const sum = new StrangeSum().apply([
      x,
      tf.layers.dense({ units: 12, name: 'back' }).apply(dense.apply(x)),
    ] as tf.SymbolicTensor[]);
    const model = randomWeights(tf.model({ inputs: x, outputs: sum as tf.SymbolicTensor }), 0.3);
    const [values] = inputsFor(model, 3) as [tf.Tensor];
    const expected = take(model.predict(values) as tf.Tensor);
    const handle = faster(model);
    const predicted = model.predict(values) as tf.Tensor;
    expect(predicted.shape).toEqual([3, 7, 12]);
    expectClose(take(predicted), expected);
    expect(callsOf(handle)).toEqual({ dense: [1, 0], back: [1, 0] });
    values.dispose();
    model.dispose();
  });

  it('leaves training bit by bit as it is, and serves no stale weight after it', async () => {
    const model = randomWeights(modelWithStranger(), 0.4);
    const start = model.getWeights().map((weight) => weight.clone());
    const [x] = inputsFor(model, 20) as [tf.Tensor];
    const y = tf.softmax(tf.randomNormal([20, 5]));
    const train = async () => {
      model.setWeights(start);
      model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'categoricalCrossentropy' });
      const { history } = await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 });
      return { history, weights: model.getWeights().map((weight) => weight.dataSync().slice()) };
    };
    const expected = await train();
    const predicted = take(model.predict(x) as tf.Tensor);
    const handle = faster(model);
    expect(await train()).toEqual(expected);
    for (const _ of [1, 2, 3]) expectClose(take(model.predict(x) as tf.Tensor), predicted);
    const calls = callsOf(handle);
    // The first prediction goes to TF.js, and so does every call while training.
    for (const layer of ['before', 'after']) expect(calls[layer]![0]).toBe(2);
    tf.dispose([start, x, y]);
    model.dispose();
  });

  it('leaves a layer to TF.js whose input is not finite', () => {
    const model = randomWeights(modelWithStranger(), 0.4);
    const x = tf.fill([2, 24], Number.NaN);
    const expected = take(model.predict(x) as tf.Tensor);
    const handle = faster(model);
    // Some kernels make a number of NaN, and then the last layer runs natively.
    const received = take(model.predict(x) as tf.Tensor)[0]!;
    expected[0]!.forEach((value, i) => {
      if (Number.isNaN(value)) expect(received[i]).toBeNaN();
      else expect(received[i]).toBeCloseTo(value, 5);
    });
    expect(callsOf(handle).before).toEqual([0, 1]);
    x.dispose();
    model.dispose();
  });
});

it('lets two models share a layer, and be restored in any order', () => {
  const shared = tf.layers.dense({ units: 6, name: 'shared' });
  const make = () => {
    const x = tf.input({ shape: [6] });
    const sum = new StrangeSum().apply([x, shared.apply(x)] as tf.SymbolicTensor[]);
    return tf.model({ inputs: x, outputs: sum as tf.SymbolicTensor });
  };
  const [one, two] = [make(), make()];
  const x = tf.randomNormal([2, 6]);
  const expected = take(one.predict(x) as tf.Tensor);
  const [first, second] = [faster(one), faster(two)];
  expectClose(take(one.predict(x) as tf.Tensor), expected);
  first.restore();
  expectClose(take(two.predict(x) as tf.Tensor), expected);
  expect(callsOf(second)).toEqual({ shared: [2, 0] });
  second.restore();
  expect(Object.hasOwn(shared, 'call')).toBe(false);
  x.dispose();
});

it('lets a call hook see every call', () => {
  const model = modelWithStranger();
  const handle = faster(model);
  let seen = 0;
  model.layers[0]!.setCallHook(() => {
    seen++;
  });
  tf.tidy(() => void model.predict(tf.zeros([1, 24])));
  expect(seen).toBe(1);
  expect(callsOf(handle).before).toEqual([0, 0]);
});
