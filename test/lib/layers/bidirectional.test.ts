import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { randomizeWeights } from '../../helpers/against-tfjs.ts';
import { expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { Random } from '../../helpers/random.ts';

describe('Bidirectional', () => {
  it.each(['concat', 'sum', 'ave', 'mul', null] as const)('merges by %s', async (mergeMode) => {
    const random = new Random();
    for (const returnSequences of [false, true]) {
      for (const layer of [tf.layers.lstm, tf.layers.gru, tf.layers.simpleRNN]) {
        const inner = layer({ units: random.integer(1, 9), returnSequences });
        const both = tf.layers.bidirectional({ layer: inner as never, mergeMode: mergeMode as never });
        const [steps, features] = [random.integer(1, 8), random.integer(1, 8)];
        const session = await expectSessionRuns(modelOf(both, [[steps, features]], random), random);
        expect(session.outputs.length).toBe(mergeMode === null ? 2 : 1);
        session.dispose();
      }
    }
  });

  it('returns the states of both directions', async () => {
    const random = new Random();
    const inner = tf.layers.lstm({ units: 4, returnState: true, returnSequences: true });
    const layer = tf.layers.bidirectional({ layer: inner as never, mergeMode: 'concat' });
    await expectSessionRuns(modelOf(layer, [[5, 3]], random), random);
  });

  it('reads masked sequences from both ends', async () => {
    const random = new Random();
    const bidirectional = (returnSequences: boolean) =>
      tf.layers.bidirectional({
        layer: tf.layers.lstm({ units: 4, returnSequences }) as never,
        mergeMode: 'concat',
      });
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 6, outputDim: 3, inputLength: 5, maskZero: true }),
        bidirectional(true),
        bidirectional(false),
      ],
    });
    randomizeWeights(model, random);
    const words = [3, 1, 2, 0, 0, 5, 0, 4, 4, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5];
    await expectSessionRuns(model, random, { inputs: [Float32Array.from(words)], batch: 4 });
  });
});
