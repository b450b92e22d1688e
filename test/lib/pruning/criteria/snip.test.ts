import { describe, expect, it } from 'vitest';
import { snipScores } from '../../../../lib/pruning/criteria/snip.ts';
import { pruneOnce } from '../../../../lib/pruning/prune-once.ts';
import { onEveryBackend, tf } from '../backends.ts';
import { batchFor, classifier, contextFor, convolutional } from './live-models.ts';

describe('snipScores', () => {
  it('is |g·w| over its sum: the worked example of a linear model', async () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ name: 'd', units: 1, useBias: false, inputShape: [2] })],
    });
    model.setWeights([tf.tensor2d([[0.5], [-0.25]])]);
    const batch = { xs: tf.tensor2d([[1, 2]]), ys: tf.tensor2d([[1]]) };
    const { scores, gradients, losses } = await snipScores(
      contextFor('snip', model, [batch], { loss: 'meanSquaredError' }),
    );
    expect(losses).toEqual([1]);
    expect([...gradients.get('d/kernel')!]).toEqual([-2, -4]);
    expect([...scores.get('d/kernel')!]).toEqual([0.5, 0.5]);
  });

  it('sums the gradients of all batches before it takes magnitudes', async () => {
    const model = classifier();
    const [a, b] = [batchFor(model, 4, 1), batchFor(model, 6, 2)];
    const of = async (batches: (typeof a)[]) =>
      (await snipScores(contextFor('snip', model, batches))).gradients.get('output/kernel')!;
    const [first, second, both] = [await of([a]), await of([b]), await of([a, b])];
    both.forEach((sum, i) => {
      expect(sum).toBeCloseTo(first[i]! + second[i]!, 6);
    });
  });

  it('takes the compiled loss, and the softmax of an output that is not compiled', async () => {
    const batch = batchFor(classifier(), 8);
    const plain = await snipScores(contextFor('snip', classifier(), [batch]));
    const compiled = classifier();
    compiled.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const squared = await snipScores(contextFor('snip', compiled, [batch]));
    const own = await snipScores(
      contextFor('snip', classifier(), [batch], {
        loss: (y, p) => tf.metrics.meanSquaredError(y, p),
      }),
    );
    expect(squared.losses).toEqual(own.losses);
    expect(plain.losses[0]).not.toBeCloseTo(squared.losses[0]!, 3);
  });
});

onEveryBackend((backend) => {
  it('prunes over all layers to the exact count, leaving model and memory as they were', async () => {
    const model = classifier();
    const before = model.getWeights().map((weight) => [...weight.dataSync()]);
    const data = [batchFor(model, 8)];
    const run = async () => {
      const pruned = await pruneOnce(model, { sparsity: 0.5, criterion: 'snip', data });
      pruned.model.dispose();
      return pruned.masks;
    };
    await run();
    const { numTensors } = tf.memory();
    const masks = await run();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...masks.values()].reduce((sum, mask) => sum + mask.reduce((a, b) => a + b, 0), 0)).toBe(24);
    expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
  });

  it('scores convolutions, or names the layer whose gradient the backend has not', async () => {
    const model = convolutional();
    const data = [batchFor(model, 3)];
    const pruning = pruneOnce(model, { sparsity: 0.5, criterion: 'snip', data });
    if (backend !== 'wasm') {
      expect([...(await pruning).masks.keys()]).toEqual(['conv/kernel', 'output/kernel']);
      return;
    }
    await expect(pruning).rejects.toMatchObject({
      code: 'ERR_SPARSE_UNSUPPORTED_LAYER',
      received: expect.stringMatching(/Backprop|Grad/),
    });
  });
});

it('ranks biases among the weights where asked', async () => {
  const model = classifier();
  // A bias whose weight is large has a large |g·w|: it stays where most weights go.
  const [kernel] = model.layers[1]!.getWeights();
  model.layers[1]!.setWeights([kernel!, tf.tensor1d([9, -9, 9])]);
  const options = { sparsity: 0.9, criterion: 'snip', data: [batchFor(model, 8)] } as const;
  const { masks } = await pruneOnce(model, { ...options, biases: true });
  expect([...masks.keys()]).toEqual(['hidden/kernel', 'hidden/bias', 'output/kernel', 'output/bias']);
  const kept = new Map([...masks].map(([key, mask]) => [key, mask.reduce((sum, bit) => sum + bit, 0)]));
  // A tenth of 30 + 6 + 18 + 3; the hidden biases are zero, and so are their scores.
  expect([...kept.values()].reduce((a, b) => a + b)).toBe(6);
  expect(kept.get('hidden/bias')).toBe(1);
  expect(kept.get('output/bias')).toBeGreaterThan(1);
});

describe('bad input', () => {
  it('says which batch has no targets', async () => {
    const model = classifier();
    const { xs } = batchFor(model, 2);
    await expect(
      pruneOnce(model, { sparsity: 0.5, criterion: 'snip', data: [batchFor(model, 2), { xs }] }),
    ).rejects.toMatchObject({
      code: 'ERR_SPARSE_ARGUMENT',
      tensor: 'ys',
      message: expect.stringContaining('batch 1 of data has no ys'),
    });
  });

  it('asks for data and for a loss', async () => {
    const model = classifier();
    await expect(pruneOnce(model, { sparsity: 0.5, criterion: 'snip' })).rejects.toMatchObject({
      code: 'ERR_SPARSE_ARGUMENT',
      tensor: 'data',
    });
    await expect(pruneOnce(model, { sparsity: 0.5, criterion: 'snip', data: [] })).rejects.toMatchObject({
      tensor: 'data',
      received: 0,
    });
    const linear = tf.sequential({ layers: [tf.layers.dense({ name: 'd', units: 3, inputShape: [5] })] });
    const data = [batchFor(linear, 2)];
    await expect(pruneOnce(linear, { sparsity: 0.5, criterion: 'snip', data })).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      tensor: 'loss',
      received: ['linear'],
    });
    await expect(
      pruneOnce(linear, { sparsity: 0.5, criterion: 'snip', data, loss: 'nonsense' }),
    ).rejects.toMatchObject({ code: 'ERR_SPARSE_OPTION', received: 'nonsense' });
  });

  it('names the layer whose gradient TensorFlow.js does not have', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ name: 'first', filters: 2, kernelSize: 2, inputShape: [5, 5, 1] }),
        tf.layers.conv2d({ name: 'dilated', filters: 2, kernelSize: 2, dilationRate: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
    await expect(
      pruneOnce(model, { sparsity: 0.5, criterion: 'snip', data: [batchFor(model, 2)] }),
    ).rejects.toMatchObject({
      code: 'ERR_SPARSE_UNSUPPORTED_LAYER',
      message: expect.stringContaining('dilation'),
    });
  });

  it('stops between batches when the caller aborts', async () => {
    const model = classifier();
    const controller = new AbortController();
    function* data() {
      yield batchFor(model, 2);
      controller.abort();
      yield batchFor(model, 2);
    }
    await expect(
      pruneOnce(model, { sparsity: 0.5, criterion: 'snip', data: data(), signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'ERR_SPARSE_ABORTED' });
  });
});
