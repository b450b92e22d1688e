import { describe, expect, it } from 'vitest';
import { pruneColumns, pruneLayerColumns } from '../../../lib/pruning.ts';
import { tf } from './backends.ts';
import { articleModel } from './models.ts';

describe('pruneColumns', () => {
  it('zeroes the columns of the smallest norms, the lower index first', () => {
    const { values, norms, order, cutoff, pruned } = pruneColumns(
      Float32Array.of(1, -2, 3, 2, 1, -1),
      [2, 3],
      0.7,
    );
    expect([...values]).toEqual([0, 0, 3, 0, 0, -1]);
    expect([...norms]).toEqual([Math.sqrt(5), Math.sqrt(5), Math.sqrt(10)].map(Math.fround));
    expect([...order]).toEqual([0, 1, 2]);
    expect(cutoff).toBe(2);
    expect(pruned).toEqual([0, 1]);
  });

  it.each([
    [100, 0.29, 28],
    [100, 0.57, 56],
    [10, 0.7, 7],
    [3, 0.7, 2],
    [1, 0.7, 0],
    [5, 0, 0],
    [5, 1, 5],
  ])('%i columns at %d: %i go, truncated as Python does', (columns, fraction, cutoff) => {
    const values = Float32Array.from({ length: columns }, (_, i) => i + 1);
    const report = pruneColumns(values, [1, columns], fraction);
    expect(report.cutoff).toBe(cutoff);
    expect(report.values.filter((value) => value === 0)).toHaveLength(cutoff);
    expect(values[0]).toBe(1);
  });

  it.each([[-0.1], [1.1], [Number.NaN]])('refuses a fraction of %d', (fraction) => {
    expect(() => pruneColumns(Float32Array.of(1), [1, 1], fraction)).toThrowError(/fraction.*\[0, 1\]/);
  });

  it('refuses NaN and a wrong length', () => {
    expect(() => pruneColumns(Float32Array.of(Number.NaN), [1, 1], 0.5)).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_NAN' }),
    );
    expect(() => pruneColumns(Float32Array.of(1, 2, 3), [2, 2], 0.5)).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_SHAPE' }),
    );
  });
});

describe('pruneLayerColumns', () => {
  it('zeroes neurons of a Dense layer and filters of a convolution in place, and leaves biases', () => {
    const model = articleModel();
    for (const layer of [model.layers[0]!, model.layers[3]!]) {
      const [kernel, bias] = layer.getWeights();
      const outputs = kernel!.shape.at(-1)!;
      layer.setWeights([kernel!, tf.ones([outputs])]);
      const before = tf.memory().numTensors;
      const { pruned } = pruneLayerColumns(layer, 0.5);
      expect(tf.memory().numTensors).toBe(before);
      expect(pruned).toHaveLength(outputs / 2);
      const values = layer.getWeights()[0]!.dataSync();
      const zero = Array.from({ length: outputs }, (_, column) => column).filter((column) =>
        values.every((value, i) => i % outputs !== column || value === 0),
      );
      expect(zero).toEqual(pruned);
      expect(bias!.dataSync().every((value) => value === 1)).toBe(true);
    }
  });

  it('refuses a layer without a kernel, by name', () => {
    expect(() => pruneLayerColumns(articleModel().layers[1]!, 0.5)).toThrowError(
      expect.objectContaining({
        code: 'ERR_SPARSE_MODEL',
        message: expect.stringMatching(/"max_pooling2d"/),
      }),
    );
  });
});
