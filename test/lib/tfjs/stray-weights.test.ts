import { afterEach, expect, it } from 'vitest';
import { type Acceleration, accelerate } from '../../../lib/tfjs.ts';
import { onEveryBackend, tf } from '../pruning/backends.ts';
import { expectClose, inputsFor, modelWithStranger, randomWeights, Stranger, take } from './models.ts';

const accelerations: Acceleration[] = [];
function faster(model: tf.LayersModel, sparse: 'auto' | 'always' | 'never' = 'always'): Acceleration {
  const acceleration = accelerate(model, { sparse });
  accelerations.push(acceleration);
  return acceleration;
}
afterEach(() => {
  for (const acceleration of accelerations.splice(0)) acceleration.restore();
});

const kernels = () =>
  ['_FusedMatMul', 'BatchMatMul', 'Reshape'].map((name) => tf.getKernel(name, tf.getBackend()));

const areSame = (some: readonly unknown[], others: readonly unknown[]) =>
  some.every((kernel, i) => kernel !== undefined && kernel === others[i]);

const callsOf = (acceleration: Acceleration, weight: string) => {
  const row = acceleration.describe().find(({ layer }) => layer.endsWith(weight));
  return row && [row.sparseCalls, row.delegatedCalls];
};

onEveryBackend((backend) => {
  it('runs the product of a custom layer with a weight of its own', () => {
    const model = randomWeights(modelWithStranger(), 0.2);
    const [x] = inputsFor(model, 6) as [tf.Tensor];
    const expected = take(model.predict(x) as tf.Tensor);
    const handle = faster(model);
    const tensors = tf.memory().numTensors;
    for (const _ of [1, 2]) expectClose(take(model.predict(x) as tf.Tensor), expected);
    expect(callsOf(handle, 'matrix')).toEqual([2, 0]);
    expect(tf.memory().numTensors).toBe(tensors);
    x.dispose();
    model.dispose();
  });

  it('runs the products of a recurrent layer', () => {
    const recurrent = tf.layers.lstm({ units: 10, inputShape: [4, 8] });
    const model = randomWeights(
      tf.sequential({ layers: [recurrent, new Stranger({ name: 'stranger' })] }),
      0.2,
    );
    const [x] = inputsFor(model, 3) as [tf.Tensor];
    const expected = take(model.predict(x) as tf.Tensor);
    const handle = faster(model);
    const tensors = tf.memory().numTensors;
    expectClose(take(model.predict(x) as tf.Tensor), expected);
    expect(tf.memory().numTensors).toBe(tensors);
    // Four steps in time.
    expect(callsOf(handle, '/kernel')).toEqual([4, 0]);
    expect(callsOf(handle, '/recurrent_kernel')).toEqual([4, 0]);
    x.dispose();
    model.dispose();
  });

  it('recognises a weight in a fused product, with its bias and activation', () => {
    const model = randomWeights(modelWithStranger(), 0.2);
    const weight = model.layers[1]!.weights[0]!.read() as tf.Tensor2D;
    const [x, bias] = [tf.randomNormal([3, 24]) as tf.Tensor2D, tf.randomNormal([24])];
    const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const;
    const all = () =>
      activations.flatMap((activation) =>
        take(tf.fused.matMul({ a: x, b: weight, bias, activation, leakyreluAlpha: 0.3 })),
      );
    const expected = all();
    const handle = faster(model);
    expectClose(all(), expected);
    expect(callsOf(handle, 'matrix')).toEqual([activations.length, 0]);
    // Transposed it is another matrix.
    tf.tidy(() => void tf.matMul(x, weight, false, true));
    expect(callsOf(handle, 'matrix')).toEqual([activations.length, 1]);
    tf.dispose([x, bias]);
    model.dispose();
  });

  it('takes no reshaped copy of an old value for the new one', () => {
    const model = randomWeights(modelWithStranger(), 0.2);
    const weight = model.layers[1]!.weights[0]!.read() as tf.Variable;
    const x = tf.randomNormal([3, 24]) as tf.Tensor2D;
    faster(model);
    const old = weight.reshape([24 * 24]).reshape([24, 24]) as tf.Tensor2D;
    const expected = take(tf.matMul(x, old.clone()));
    tf.tidy(() => weight.assign(weight.mul(2)));
    // Learns the new value, packs it at the second call.
    for (const _ of [1, 2]) tf.tidy(() => void model.predict(tf.ones([1, 24])));
    expectClose(take(tf.matMul(x, old)), expected);
    tf.dispose([x, old]);
    model.dispose();
  });

  it('serves no stale weight', () => {
    const model = randomWeights(modelWithStranger(), 0.2);
    const [x] = inputsFor(model, 2) as [tf.Tensor];
    const handle = faster(model);
    tf.dispose(model.predict(x));
    randomWeights(model, 0.2);
    handle.restore();
    const expected = take(model.predict(x) as tf.Tensor);
    const again = faster(model);
    randomWeights(model, 0.2);
    const changed = take(model.predict(x) as tf.Tensor);
    for (const _ of [1, 2]) expectClose(take(model.predict(x) as tf.Tensor), changed);
    expect(changed).not.toEqual(expected);
    expect(callsOf(again, 'matrix')).toEqual([2, 1]);
    x.dispose();
    model.dispose();
  });

  it('puts the very same kernels back when the last model goes', () => {
    const before = kernels();
    const models = [modelWithStranger(), modelWithStranger()].map((model) => randomWeights(model, 0.2));
    const x = tf.randomNormal([2, 24]);
    const handles = models.map((model) => faster(model));
    const during = kernels();
    expect(during[0]).not.toBe(before[0]);
    expect(during[1]).not.toBe(before[1]);
    expect(during[2] === before[2]).toBe(backend !== 'tensorflow');
    handles[0]!.restore();
    // The other model still needs them, and nothing was stacked.
    expect(areSame(kernels(), during)).toBe(true);
    for (const model of models) tf.dispose(model.predict(x));
    expect(callsOf(handles[1]!, 'matrix')).toEqual([1, 0]);
    expect(callsOf(handles[0]!, 'matrix')).toBeUndefined();
    handles[1]!.restore();
    handles[1]!.restore();
    expect(areSame(kernels(), before)).toBe(true);
    x.dispose();
    tf.dispose(models.flatMap((model) => model.getWeights()));
  });
});

it("leaves weights with few zeros to TF.js's kernels, and all of them where sparse is not wanted", () => {
  const before = kernels();
  const model = randomWeights(modelWithStranger(), 0.9);
  const [x] = inputsFor(model, 2) as [tf.Tensor];
  const handle = faster(model);
  tf.dispose(model.predict(x));
  expect(callsOf(handle, 'matrix')).toBeUndefined();
  handle.restore();
  faster(model, 'never');
  expect(areSame(kernels(), before)).toBe(true);
  x.dispose();
  model.dispose();
});
