import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { plainActivations } from '../../../lib/plan/activations.ts';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { Random } from '../../helpers/random.ts';

type Name = Parameters<typeof tf.layers.activation>[0]['activation'];

describe('activations', () => {
  it.each([...plainActivations, 'softmax'])('%s as a layer equals TensorFlow.js', async (name) => {
    const layer = tf.layers.activation({ activation: name as Name, inputShape: [3, 4, 5] });
    const plan = await expectSameAsTfjs(tf.sequential({ layers: [layer] }), new Random());
    expect(plan.steps.length).toBe(name === 'linear' ? 0 : 1);
  });

  it.each([...plainActivations])('%s is fused into the layer before', async (name) => {
    const random = new Random();
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 9, inputShape: [6] }),
        tf.layers.activation({ activation: name as Name }),
      ],
    });
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    expect(plan.steps).toMatchObject([{ op: 'matmul', activation: { type: name } }]);
  });

  it('ReLU, LeakyReLU, ELU and Softmax layers equal TensorFlow.js', async () => {
    const layers = [
      [tf.layers.reLU({ inputShape: [7] }), { type: 'relu' }],
      [tf.layers.reLU({ inputShape: [7], maxValue: 6 }), { type: 'relu6' }],
      [tf.layers.reLU({ inputShape: [7], maxValue: 1.5 }), { type: 'clamp', min: 0, max: 1.5 }],
      [tf.layers.leakyReLU({ inputShape: [7] }), { type: 'leakyRelu', alpha: 0.3 }],
      [tf.layers.leakyReLU({ inputShape: [7], alpha: 0.05 }), { type: 'leakyRelu', alpha: 0.05 }],
      [tf.layers.elu({ inputShape: [7] }), { type: 'elu' }],
      [tf.layers.softmax({ inputShape: [7] }), undefined],
    ] as const;
    for (const [layer, activation] of layers) {
      const plan = await expectSameAsTfjs(tf.sequential({ layers: [layer] }), new Random());
      expect(plan.steps).toMatchObject([activation ? { op: 'activation', activation } : { op: 'softmax' }]);
    }
  });

  it('softmax of a flattened map goes over all of it, of a map over its channels', async () => {
    const random = new Random();
    for (const layers of [
      [tf.layers.softmax({ axis: -1, inputShape: [2, 3, 4] })],
      [tf.layers.flatten({ inputShape: [2, 3, 4] }), tf.layers.softmax({ axis: 1 })],
    ]) {
      await expectSameAsTfjs(tf.sequential({ layers }), random);
    }
  });
});
