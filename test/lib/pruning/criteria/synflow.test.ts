import { describe, expect, it } from 'vitest';
import { synflowScores } from '../../../../lib/pruning/criteria/synflow.ts';
import { pruneOnce } from '../../../../lib/pruning/prune-once.ts';
import { onEveryBackend, tf } from '../backends.ts';
import { classifier, contextFor, convolutional } from './live-models.ts';

/** A chain of Dense layers of 20 units. Weights of `size` on average. */
function deep(depth: number, size: number, useBias = false): tf.Sequential {
  const model = tf.sequential();
  for (let i = 0; i < depth; i++) {
    model.add(
      tf.layers.dense({
        name: `d${i}`,
        units: 20,
        useBias,
        activation: 'relu',
        kernelInitializer: tf.initializers.randomUniform({
          minval: -2 * size,
          maxval: 2 * size,
          seed: i + 1,
        }),
        biasInitializer: 'ones',
        ...(i === 0 && { inputShape: [20] }),
      }),
    );
  }
  return model;
}

const scoresOf = (model: tf.LayersModel) => synflowScores(contextFor('synflow', model, []));
const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe('synflowScores', () => {
  it('gives the worked example: R = 4.5, the same sum in every layer', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'a', units: 2, useBias: false, inputShape: [2] }),
        tf.layers.dense({ name: 'b', units: 1, useBias: false }),
      ],
    });
    model.setWeights([
      tf.tensor2d([
        [1, -2],
        [3, 0.5],
      ]),
      tf.tensor2d([[0.5], [-1]]),
    ]);
    const { scores, total } = scoresOf(model);
    expect(total).toBe(4.5);
    expect([...scores.get('a/kernel')!]).toEqual([0.5, 2, 1.5, 0.5]);
    expect([...scores.get('b/kernel')!]).toEqual([2, 2.5]);
  });

  it('does not see a softmax at the end, under which R would be constant', () => {
    const of = (activation: 'softmax' | 'linear') => {
      const model = deep(2, 0.5);
      model.add(tf.layers.dense({ name: 'out', units: 3, activation, kernelInitializer: 'ones' }));
      return [...scoresOf(model).scores.get('d0/kernel')!];
    };
    expect(of('softmax')).toEqual(of('linear'));
    expect(Math.max(...of('softmax'))).toBeGreaterThan(0);
  });

  it.each([
    ['grows', 1000],
    ['fades', 1e-4],
  ])('stays in range where a network of 50 layers %s', (_, size) => {
    const { scores, total } = scoresOf(deep(50, size));
    // 20 units with weights of `size`: about (20 · size)^50 · 20, far outside of float32.
    expect(Math.abs(Math.log10(total) - 50 * Math.log10(20 * size))).toBeLessThan(10);
    const sums = [...scores.values()].map(sumOf);
    for (const sum of sums) expect(sum / sums[0]!).toBeCloseTo(1, 4);
    for (const values of scores.values()) expect(values.every((score) => Number.isFinite(score))).toBe(true);
  });

  it('brings biases to the scale of their layer, as a network in plain range shows', () => {
    // The same network with all weights of one layer times 2^k and the next ones' biases too: scores must only scale.
    const plain = deep(6, 0.1, true);
    const large = deep(6, 0.1, true);
    const factor = 2 ** 60;
    large.layers.forEach((layer, i) => {
      const [kernel, bias] = layer.getWeights();
      layer.setWeights([i === 0 ? kernel!.mul(factor) : kernel!, bias!.mul(factor)]);
    });
    const [a, b] = [scoresOf(plain), scoresOf(large)];
    expect(b.total / a.total).toBeCloseTo(factor, -55);
    const [first, second] = [a.scores.get('d3/kernel')!, b.scores.get('d3/kernel')!];
    const ratio = sumOf(second) / sumOf(first);
    first.forEach((score, i) => {
      expect(second[i]! / ratio / score).toBeCloseTo(1, 3);
    });
  });

  it('refuses an embedding, which ones mean nothing to', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ name: 'words', inputDim: 5, outputDim: 2, inputLength: 3 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 1 }),
      ],
    });
    const refusal = { code: 'ERR_SPARSE_UNSUPPORTED_LAYER', layer: 'words' };
    expect(() => scoresOf(model)).toThrow(expect.objectContaining(refusal));
  });

  it('sums over both ways of a shortcut', () => {
    const input = tf.input({ shape: [4] });
    const dense = tf.layers.dense({ name: 'd', units: 4, useBias: false, kernelInitializer: 'ones' });
    const sum = tf.layers.add().apply([dense.apply(input) as tf.SymbolicTensor, input]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: dense.apply(sum) as tf.SymbolicTensor });
    // x = 1: d(x) = 4 each, d(x) + x = 5, times ones: 20 each, 80 in all.
    const { total, scores } = scoresOf(model);
    expect(total).toBe(80);
    // Second use: 5 for each weight; first: its output reaches all 4 outputs.
    expect([...scores.get('d/kernel')!]).toEqual(Array(16).fill(5 + 4));
  });
});

onEveryBackend((backend) => {
  it('keeps every layer alive where magnitude empties one', async () => {
    const model = deep(8, 0.5);
    const [kernel] = model.layers[4]!.getWeights();
    model.layers[4]!.setWeights([kernel!.mul(1e-3)]);
    const kept = async (criterion: 'magnitude' | 'synflow') => {
      const options = { sparsity: 0.99, scope: 'global', compat: 'synflow', criterion } as const;
      const { masks, model: pruned } = await pruneOnce(model, options);
      pruned.dispose();
      return [...masks.values()].map(sumOf);
    };
    expect(Math.min(...(await kept('magnitude')))).toBe(0);
    expect(Math.min(...(await kept('synflow')))).toBeGreaterThan(0);
  });

  it('needs no data, counts exactly, leaks nothing and leaves the model as it was', async () => {
    const model = backend === 'wasm' ? classifier() : convolutional();
    const before = model.getWeights().map((weight) => [...weight.dataSync()]);
    const run = async () => {
      const { masks, model: pruned } = await pruneOnce(model, {
        sparsity: 0.75,
        criterion: 'synflow',
        iterations: 5,
      });
      pruned.dispose();
      return masks;
    };
    await run();
    const { numTensors } = tf.memory();
    const masks = await run();
    expect(tf.memory().numTensors).toBe(numTensors);
    const sizes = [...masks.values()].reduce((sum, mask) => sum + mask.length, 0);
    expect([...masks.values()].reduce((sum, mask) => sum + sumOf(mask), 0)).toBe(sizes / 4);
    expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
  });
});
