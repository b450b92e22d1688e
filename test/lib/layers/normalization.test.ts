import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { Random } from '../../helpers/random.ts';

describe('LayerNormalization', () => {
  it('equals TensorFlow.js over the last axis of random shapes', async () => {
    const random = new Random();
    for (let i = 0; i < 10; i++) {
      const shape = Array.from({ length: random.integer(1, 3) }, () => random.integer(2, 9));
      const layer = tf.layers.layerNormalization({
        epsilon: random.pick([1e-3, 1e-6]),
        center: random.next() < 0.7,
        scale: random.next() < 0.7,
      });
      const session = await expectSessionRuns(modelOf(layer, [shape], random), random);
      expect(session.describe().steps[0]).toMatchObject({ op: 'normalize' });
    }
  });

  it('equals TensorFlow.js over other axes, and over several', async () => {
    const random = new Random();
    for (const [shape, axis] of [
      [[4, 5], [1]],
      [
        [4, 5],
        [1, 2],
      ],
      [
        [3, 4, 5],
        [1, 2, 3],
      ],
      [
        [3, 4, 5],
        [2, 3],
      ],
      [
        [3, 4, 5],
        [1, 3],
      ],
      [[3, 4, 5], [2]],
    ] as const) {
      const layer = tf.layers.layerNormalization({ axis: [...axis] });
      await expectSessionRuns(modelOf(layer, [shape], random), random);
    }
  });

  it('equals TensorFlow.js where a picture was flattened', async () => {
    const random = new Random();
    const layers = [
      tf.layers.conv2d({ filters: 3, kernelSize: 2, inputShape: [4, 5, 2] }),
      tf.layers.flatten(),
      tf.layers.layerNormalization(),
      tf.layers.dense({ units: 4 }),
    ];
    await expectSessionRuns(tf.sequential({ layers }), random);
  });
});

describe('BatchNormalization', () => {
  it('equals TensorFlow.js over any axis of random shapes', async () => {
    const random = new Random();
    for (let i = 0; i < 12; i++) {
      const shape = Array.from({ length: random.integer(1, 3) }, () => random.integer(2, 6));
      const layer = tf.layers.batchNormalization({
        axis: random.integer(1, shape.length),
        center: random.next() < 0.7,
        scale: random.next() < 0.7,
        epsilon: random.pick([1e-3, 0]),
      });
      await expectSessionRuns(modelOf(layer, [shape], random), random);
    }
  });

  it('stays a step of its own where nothing before it can take it in', async () => {
    const random = new Random();
    const x = tf.input({ shape: [4, 4, 3] });
    const conv = tf.layers.conv2d({ filters: 3, kernelSize: 1 }).apply(x) as tf.SymbolicTensor;
    const normal = tf.layers.batchNormalization({ epsilon: 0 }).apply(conv) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([conv, normal]) as tf.SymbolicTensor;
    const session = await expectSessionRuns(tf.model({ inputs: x, outputs: sum }), random);
    expect(session.describe().steps.map(({ op }) => op)).toEqual(['matmul', 'affine', 'binary']);
  });
});
