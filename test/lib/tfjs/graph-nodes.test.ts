import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Acceleration, accelerate } from '../../../lib/tfjs.ts';
import { onEveryBackend, tf } from '../pruning/backends.ts';
import { fused, graphModel, node, sparseWeight } from './graph-models.ts';
import { expectClose, random, take } from './models.ts';

let acceleration: Acceleration | undefined;
function faster(model: tf.GraphModel): Acceleration {
  acceleration = accelerate(model, { sparse: 'always' });
  return acceleration;
}
// TF.js advises execute() instead of executeAsync() for such graphs.
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => {
  acceleration?.restore();
  vi.restoreAllMocks();
});

/** x · a + bias, relu; · bᵀ; · c, softmax, with an identity on the way of a weight. */
function chain(): Promise<tf.GraphModel> {
  return graphModel(
    40,
    [
      node('hidden', '_FusedMatMul', ['x', 'a', 'bias'], fused('BiasAdd', 'Relu')),
      node('middle', 'MatMul', ['hidden', 'b'], { transpose_a: { b: false }, transpose_b: { b: true } }),
      node('c/read', 'Identity', ['c']),
      node('scores', 'MatMul', ['middle', 'c/read'], {
        transpose_a: { b: false },
        transpose_b: { b: false },
      }),
      node('y', 'Softmax', ['scores']),
    ],
    [
      sparseWeight('a', [40, 30], 0.1),
      sparseWeight('bias', [30]),
      sparseWeight('b', [20, 30], 0.3),
      sparseWeight('c', [20, 7]),
    ],
    ['y', 'middle'],
  );
}

const nodesOf = (model: tf.GraphModel) =>
  Object.values(
    (model as unknown as { executor: { graph: { nodes: Record<string, { op: string; category: string }> } } })
      .executor.graph.nodes,
  ).map(({ op, category }) => [op, category]);

const counts = (handle: Acceleration) =>
  handle.describe().map(({ layer, sparseCalls, delegatedCalls }) => [layer, sparseCalls, delegatedCalls]);

onEveryBackend(() => {
  it('runs the products of a GraphModel, and gives the model back as it found it', async () => {
    const model = await chain();
    const before = nodesOf(model);
    for (const batch of [1, 3, 33]) {
      const x = tf.tensor2d(random.floats(batch * 40), [batch, 40]);
      const expected = take(model.predict(x) as tf.Tensor[]);
      const handle = faster(model);
      const tensors = tf.memory().numTensors;
      expectClose(take(model.predict(x) as tf.Tensor[]), expected);
      expectClose(take(model.execute({ x }, 'middle') as tf.Tensor), expected.slice(1));
      expectClose(take((await model.executeAsync({ x }, 'y')) as tf.Tensor), expected.slice(0, 1));
      expect(tf.memory().numTensors).toBe(tensors);
      expect(counts(handle)).toEqual([
        ['hidden', 3, 0],
        ['middle', 3, 0],
        ['scores', 2, 0],
      ]);
      handle.restore();
      handle.restore();
      expect(nodesOf(model)).toEqual(before);
      expectClose(take(model.predict(x) as tf.Tensor[]), expected);
      x.dispose();
    }
    model.dispose();
  });

  it.each([
    ['no activation', ['BiasAdd']],
    ['relu6', ['BiasAdd', 'Relu6']],
    ['elu', ['BiasAdd', 'Elu']],
    ['sigmoid', ['BiasAdd', 'Sigmoid']],
    ['leaky relu', ['BiasAdd', 'LeakyRelu']],
  ])('runs a fused product with %s', async (_, ops) => {
    const attributes = { ...fused(...ops), leakyrelu_alpha: { f: 0.4 } };
    const model = await graphModel(
      12,
      [node('y', '_FusedMatMul', ['x', 'a', 'bias'], attributes)],
      [sparseWeight('a', [12, 9], 0.3), sparseWeight('bias', [9])],
      ['y'],
    );
    const x = tf.tensor2d(random.floats(60, 3), [5, 12]);
    const expected = take(model.predict(x) as tf.Tensor);
    const handle = faster(model);
    expectClose(take(model.predict(x) as tf.Tensor), expected);
    expect(counts(handle)).toEqual([['y', 1, 0]]);
    x.dispose();
    model.dispose();
  });

  it('leaves inputs that are not finite to TF.js, and gradients', async () => {
    const model = await graphModel(
      12,
      [
        node('h', '_FusedMatMul', ['x', 'a', 'bias'], fused('BiasAdd', 'Relu')),
        node('y', 'MatMul', ['h', 'b'], { transpose_a: { b: false }, transpose_b: { b: false } }),
      ],
      [sparseWeight('a', [12, 9], 0.3), sparseWeight('bias', [9]), sparseWeight('b', [9, 4], 0.3)],
      ['y'],
    );
    const bad = tf.fill([2, 12], Infinity);
    const x = tf.tensor2d(random.floats(24), [2, 12]);
    const gradient = tf.grad((input) => (model.predict(input) as tf.Tensor).square().sum());
    const results = () => [take(model.predict(bad) as tf.Tensor)[0]!, take(gradient(x))[0]!];
    const expected = results();
    const handle = faster(model);
    expect(results()).toEqual(expected);
    expect(counts(handle)[0]).toEqual(['h', 0, 2]);
    tf.dispose([bad, x]);
    model.dispose();
  });
});

it('leaves products without a constant weight, or with what it cannot compute, as they are', async () => {
  const plain = { transpose_a: { b: false }, transpose_b: { b: false } };
  const model = await graphModel(
    6,
    [
      node('square', 'MatMul', ['x', 'x'], { ...plain, transpose_b: { b: true } }),
      node('turned', 'MatMul', ['x', 'a'], { ...plain, transpose_a: { b: true } }),
    ],
    [sparseWeight('a', [3, 4], 0.5)],
    ['square', 'turned'],
  );
  const handle = faster(model);
  expect(handle.describe()).toEqual([]);
  const x = tf.randomNormal([3, 6]);
  const [square, turned] = model.predict(x) as [tf.Tensor, tf.Tensor];
  expect([square.shape, turned.shape]).toEqual([
    [3, 3],
    [6, 4],
  ]);
  tf.dispose([x, square, turned]);
  model.dispose();
});

it('serves two GraphModels at once', async () => {
  const [one, two] = [await chain(), await chain()];
  const x = tf.randomNormal([2, 40]);
  const expected = [one, two].map((model) => take(model.predict(x) as tf.Tensor[]));
  const first = accelerate(one);
  const second = accelerate(two);
  first.restore();
  expectClose(take(one.predict(x) as tf.Tensor[]), expected[0]!);
  expectClose(take(two.predict(x) as tf.Tensor[]), expected[1]!);
  second.restore();
  x.dispose();
});
