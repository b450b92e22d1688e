import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { expectSessionRuns } from '../../helpers/layer-session.ts';
import { Random } from '../../helpers/random.ts';

describe('Flatten and Reshape', () => {
  it.each([
    { from: [2, 3, 4], to: [24] },
    { from: [2, 3, 4], to: [6, 4] },
    { from: [2, 3, 4], to: [3, 2, 4] },
    { from: [2, 3, 4], to: [-1, 4] },
    { from: [12], to: [3, 4, 1] },
    { from: [12], to: [2, 2, 3] },
    { from: [3, 4, 1], to: [2, 6, 1] },
    { from: [3, 4, 1], to: [12] },
    { from: [12], to: [12] },
    { from: [12], to: [1, 12] },
  ])('reshapes $from to $to without moving anything', async ({ from, to }) => {
    const model = tf.sequential({ layers: [tf.layers.reshape({ targetShape: to, inputShape: from })] });
    const plan = await expectSameAsTfjs(model, new Random());
    expect(plan.steps.every((step) => step.op === 'alias')).toBe(true);
  });

  it('a map that was flattened can be a map again, of another height and width', async () => {
    const random = new Random();
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 3, kernelSize: 1, inputShape: [2, 6, 2] }),
        tf.layers.flatten(),
        tf.layers.reshape({ targetShape: [4, 3, 3] }),
        tf.layers.conv2d({ filters: 2, kernelSize: 2, padding: 'same' }),
      ],
    });
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    // The two aliases became one.
    expect(plan.steps.map((step) => step.op)).toEqual(['matmul', 'alias', 'conv2d']);
  });

  it('lays an input out as the map that it is reshaped to, for a vector reader behind it as well', async () => {
    const random = new Random();
    const input = tf.input({ shape: [24] });
    const map = tf.layers.reshape({ targetShape: [2, 4, 3] }).apply(input) as tf.SymbolicTensor;
    const convolved = tf.layers.conv2d({ filters: 2, kernelSize: 2 }).apply(map) as tf.SymbolicTensor;
    const scores = tf.layers.dense({ units: 3 }).apply(input) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: [convolved, scores] });
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    expect(plan.values[0]).toMatchObject({ shape: [24], channels: 3, height: 2, width: 4 });
  });

  it('does not lay an input out anew once it was read', async () => {
    const random = new Random();
    const input = tf.input({ shape: [24] });
    const scores = tf.layers.dense({ units: 3 }).apply(input) as tf.SymbolicTensor;
    const map = tf.layers.reshape({ name: 'late', targetShape: [2, 4, 3] }).apply(input) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: [scores, map] });
    const { steps } = (await expectSessionRuns(model, random)).describe();
    expect(steps.map(({ op }) => op)).toEqual(['matmul', 'toArray']);
  });

  it('moves elements through arrays where it must', async () => {
    const random = new Random();
    for (const [from, to] of [
      [
        [2, 3, 4],
        [4, 6],
      ],
      [
        [2, 3, 4],
        [3, 8],
      ],
      [
        [4, 6],
        [6, 2, 2],
      ],
      [
        [6, 4],
        [2, 2, 3, 2],
      ],
    ] as const) {
      const layers = [
        tf.layers.reshape({ targetShape: [...to], inputShape: [...from] }),
        tf.layers.dense({ units: 3 }),
      ];
      const model = tf.sequential({ layers });
      randomizeWeights(model, random);
      await expectSessionRuns(model, random);
    }
  });

  it('dropout and noise leave nothing behind', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dropout({ rate: 0.5, inputShape: [4, 6] }),
        tf.layers.spatialDropout1d({ rate: 0.5 }),
        tf.layers.gaussianNoise({ stddev: 1 }),
        tf.layers.gaussianDropout({ rate: 0.3 }),
        tf.layers.alphaDropout({ rate: 0.3 }),
      ],
    });
    expect((await expectSameAsTfjs(model, new Random())).steps).toEqual([]);
  });
});
