import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { Random } from '../../helpers/random.ts';

describe('BatchNormalization', () => {
  it('equals TensorFlow.js alone, with and without scale and center', async () => {
    const random = new Random();
    for (const inputShape of [[6], [4, 6], [3, 4, 6]]) {
      for (const scale of [true, false]) {
        const config = { inputShape, scale, center: !scale || random.next() < 0.5, epsilon: 0.01 };
        const model = tf.sequential({ layers: [tf.layers.batchNormalization(config)] });
        randomizeWeights(model, random);
        const plan = await expectSameAsTfjs(model, random);
        expect(plan.steps).toMatchObject([{ op: 'affine' }]);
      }
    }
  });

  it('is folded into a convolution, a depthwise convolution and a Dense before it', async () => {
    const random = new Random();
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2], useBias: false }),
        tf.layers.batchNormalization(),
        tf.layers.reLU({ maxValue: 6 }),
        tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
        tf.layers.batchNormalization(),
        tf.layers.flatten(),
        tf.layers.dense({ units: 5 }),
        tf.layers.batchNormalization(),
        tf.layers.activation({ activation: 'sigmoid' }),
      ],
    });
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    expect(plan.steps.map((step) => step.op)).toEqual(['conv2d', 'depthwise', 'alias', 'matmul']);
  });

  it('stays a step behind a flatten, its parameters in memory order', async () => {
    const random = new Random();
    const model = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [2, 3, 4] }), tf.layers.batchNormalization()],
    });
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    expect(plan.steps.map((step) => step.op)).toEqual(['alias', 'affine']);
  });
});
