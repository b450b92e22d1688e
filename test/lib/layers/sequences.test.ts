import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../lib/session/compile.ts';
import { expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { layersArtifacts } from '../../helpers/layers-artifacts.ts';
import { Random } from '../../helpers/random.ts';
import { relativeDifference } from '../../helpers/sessions.ts';

const paddings = ['same', 'valid'] as const;

describe('Conv1D', () => {
  it('equals TensorFlow.js on random windows, strides, dilations and paddings', async () => {
    const random = new Random();
    for (let i = 0; i < 16; i++) {
      // Strides and dilations above 1 exclude each other in TensorFlow.
      const steps = random.next() < 0.4 ? { dilationRate: 2 } : { strides: random.integer(1, 3) };
      const layer = tf.layers.conv1d({
        filters: random.integer(1, 7),
        kernelSize: random.integer(1, 4),
        padding: random.pick(paddings),
        useBias: random.next() < 0.5,
        activation: random.pick(['linear', 'relu', 'tanh'] as const),
        ...steps,
      });
      await expectSessionRuns(
        modelOf(layer, [[random.integer(7, 12), random.integer(1, 5)]], random),
        random,
      );
    }
  });

  it('with causal padding, which TensorFlow.js has not, is a convolution of the padded steps', async () => {
    const random = new Random();
    for (const [size, dilation, stride] of [
      [1, 1, 1],
      [3, 1, 1],
      [2, 3, 1],
      [4, 1, 2],
    ] as const) {
      const [steps, channels, filters] = [9, 3, 4];
      const values = random.floats(size * channels * filters);
      const config = {
        filters,
        kernel_size: [size],
        strides: [stride],
        dilation_rate: [dilation],
        padding: 'causal',
        use_bias: false,
        activation: 'linear',
        data_format: 'channels_last',
      };
      const artifacts = layersArtifacts(
        { x: [steps, channels] },
        [{ className: 'Conv1D', name: 'conv', config, inputs: ['x'] }],
        ['conv'],
        [{ name: 'conv/kernel', shape: [size, channels, filters], values }],
      );
      const session = await compile(artifacts);
      const x = random.floats(2 * steps * channels);
      const expected = tf.tidy(() => {
        const before = (size - 1) * dilation;
        const padded = tf.pad(tf.tensor3d(x, [2, steps, channels]), [
          [0, 0],
          [before, 0],
          [0, 0],
        ]);
        const kernel = tf.tensor3d(values, [size, channels, filters]);
        return tf.conv1d(padded as tf.Tensor3D, kernel, stride, 'valid', 'NWC', dilation).dataSync();
      });
      const difference = relativeDifference(session.run({ x }).conv!, expected as Float32Array);
      expect(difference, `SEED=${random.seed}`).toBeLessThanOrEqual(1e-5);
    }
  });
});

describe('pooling of sequences', () => {
  it.each([
    ['MaxPooling1D', tf.layers.maxPooling1d],
    ['AveragePooling1D', tf.layers.averagePooling1d],
  ] as const)('%s equals TensorFlow.js on random windows', async (_, make) => {
    const random = new Random();
    for (let i = 0; i < 12; i++) {
      const layer = make({
        poolSize: random.integer(1, 4),
        padding: random.pick(paddings),
        ...(random.next() < 0.7 && { strides: random.integer(1, 3) }),
      });
      await expectSessionRuns(
        modelOf(layer, [[random.integer(5, 12), random.integer(1, 5)]], random),
        random,
      );
    }
  });

  it.each([
    ['GlobalMaxPooling1D', () => tf.layers.globalMaxPooling1d()],
    ['GlobalAveragePooling1D', () => tf.layers.globalAveragePooling1d()],
  ] as const)('%s equals TensorFlow.js', async (_, make) => {
    const random = new Random();
    for (const shape of [
      [1, 3],
      [7, 1],
      [9, 5],
    ])
      await expectSessionRuns(modelOf(make(), [shape], random), random);
  });

  it('RepeatVector and Permute equal TensorFlow.js, and a convolution goes on from there', async () => {
    const random = new Random();
    const repeat = tf.sequential({
      layers: [
        tf.layers.dense({ units: 5, inputShape: [4] }),
        tf.layers.repeatVector({ n: 3 }),
        tf.layers.conv1d({ filters: 2, kernelSize: 2 }),
      ],
    });
    await expectSessionRuns(repeat, random);
    for (const dims of [
      [1, 2, 3],
      [2, 1, 3],
      [3, 1, 2],
      [3, 2, 1],
    ]) {
      const permuted = tf.sequential({
        layers: [
          tf.layers.permute({ dims, inputShape: [4, 5, 3] }),
          tf.layers.conv2d({ filters: 2, kernelSize: 2 }),
        ],
      });
      await expectSessionRuns(permuted, random);
    }
    await expectSessionRuns(modelOf(tf.layers.permute({ dims: [2, 1] }), [[4, 6]], random), random);
    // A flattened picture is repeated in the order in which TensorFlow.js has its features.
    const flat = [tf.layers.flatten({ inputShape: [2, 3, 4] }), tf.layers.repeatVector({ n: 2 })];
    await expectSessionRuns(tf.sequential({ layers: flat }), random);
  });
});
