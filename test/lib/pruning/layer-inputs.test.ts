import { describe, expect, it } from 'vitest';
import { checkVectors, layerVectors } from '../../../lib/pruning/layer-inputs.ts';
import { liveWeights } from '../../../lib/pruning/live-weights.ts';
import { onEveryBackend, tf } from './backends.ts';

/** The vectors of a layer times its weight matrix: what the layer gives without bias and activation. */
function product(model: tf.LayersModel, xs: tf.Tensor): number[] {
  const [weight] = liveWeights('test', model);
  const outputs = weight!.shape.at(-1)!;
  const kernel = weight!.variable.read().dataSync();
  const result: number[] = [];
  layerVectors(model, weight!, { xs }, (values, shape) => {
    const features = shape.at(-1)!;
    for (let at = 0; at < values.length; at += features) {
      for (let o = 0; o < outputs; o++) {
        let sum = 0;
        for (let f = 0; f < features; f++) sum += values[at + f]! * kernel[f * outputs + o]!;
        result.push(sum);
      }
    }
  });
  return result;
}

onEveryBackend(() => {
  const conv = { filters: 3, useBias: false } as const;
  const cases: [string, tf.layers.Layer, number[]][] = [
    ['Dense', tf.layers.dense({ units: 3, useBias: false, inputShape: [4] }), [2, 4]],
    ['Dense of sequences', tf.layers.dense({ units: 3, useBias: false, inputShape: [5, 4] }), [2, 5, 4]],
    ['Conv2D valid', tf.layers.conv2d({ ...conv, kernelSize: [2, 3], inputShape: [5, 6, 2] }), [2, 5, 6, 2]],
    [
      'Conv2D same, stride 2',
      tf.layers.conv2d({ ...conv, kernelSize: 3, strides: 2, padding: 'same', inputShape: [5, 6, 2] }),
      [2, 5, 6, 2],
    ],
    [
      'Conv2D dilated',
      tf.layers.conv2d({ ...conv, kernelSize: 2, dilationRate: 2, inputShape: [5, 6, 1] }),
      [1, 5, 6, 1],
    ],
    [
      'Conv1D same',
      tf.layers.conv1d({ ...conv, kernelSize: 3, strides: 2, padding: 'same', inputShape: [7, 2] }),
      [2, 7, 2],
    ],
  ];
  it.each(cases)('gives the vectors that the weights are multiplied with: %s', (_, layer, shape) => {
    const model = tf.sequential({ layers: [layer] });
    const xs = tf.randomNormal(shape, 0, 1, 'float32', 5);
    const expected = (model.predict(xs) as tf.Tensor).dataSync();
    const received = product(model, xs);
    expect(received.length).toBe(expected.length);
    received.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
  });
});

describe('layerVectors', () => {
  it('sees every use of a shared layer and leaves the layer as it was', () => {
    const input = tf.input({ shape: [2] });
    const shared = tf.layers.dense({ units: 2 });
    const twice = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: twice });
    const seen: number[][] = [];
    layerVectors(model, liveWeights('test', model)[0]!, { xs: tf.ones([3, 2]) }, (_, shape) =>
      seen.push([...shape]),
    );
    expect(seen).toEqual([
      [3, 2],
      [3, 2],
    ]);
    expect(Object.hasOwn(shared, 'call')).toBe(false);
  });

  it('refuses what is no matrix of its input', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.separableConv2d({ name: 'apart', filters: 2, kernelSize: 2, inputShape: [4, 4, 2] }),
      ],
    });
    expect(() => checkVectors('test', 'wanda', liveWeights('test', model)[0]!)).toThrow(
      expect.objectContaining({ code: 'ERR_SPARSE_UNSUPPORTED_LAYER', layer: 'apart' }),
    );
  });
});
