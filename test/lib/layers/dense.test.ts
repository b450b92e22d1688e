import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { Random } from '../../helpers/random.ts';

describe('Dense', () => {
  it('equals TensorFlow.js on random sizes, with and without bias', async () => {
    const random = new Random();
    for (let i = 0; i < 8; i++) {
      const useBias = random.next() < 0.5;
      const model = tf.sequential({
        layers: [
          tf.layers.dense({ units: random.integer(4, 40), inputShape: [random.integer(1, 40)], useBias }),
        ],
      });
      randomizeWeights(model, random);
      const plan = await expectSameAsTfjs(model, random);
      expect(plan.steps.map((step) => step.op)).toEqual(['matmul']);
      expect('bias' in plan.steps[0]!).toBe(useBias);
    }
  });

  it('works over the last axis of [steps, features] and of deeper inputs', async () => {
    const random = new Random();
    for (const inputShape of [
      [5, 7],
      [2, 3, 4],
      [2, 3, 2, 4],
    ]) {
      const model = tf.sequential({
        layers: [tf.layers.dense({ units: 6, inputShape, activation: 'tanh' })],
      });
      randomizeWeights(model, random);
      await expectSameAsTfjs(model, random);
    }
  });

  it('takes its inputs in memory order behind a flattened map', async () => {
    const random = new Random();
    const model = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [3, 4, 5] }),
        tf.layers.dense({ units: 7, activation: 'relu' }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    expect(plan.steps.map((step) => step.op)).toEqual(['alias', 'matmul', 'matmul']);
  });

  it('keeps a zero of the kernel where its input is', async () => {
    const model = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [1, 2, 2] }), tf.layers.dense({ units: 1, useBias: false })],
    });
    // Row-major (row, column, channel): [c0 c1] of column 0, then of column 1.
    model.layers[1]!.setWeights([tf.tensor2d([[1], [2], [3], [0]])]);
    const plan = await expectSameAsTfjs(model, new Random());
    const [weight] = Object.values(plan.tensors);
    // Memory order: channel 0 at both columns, then channel 1.
    expect([...weight!.data]).toEqual([1, 3, 2, 0]);
  });
});
