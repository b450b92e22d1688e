import { asWords, normalWeights, type RankCase } from '../cases/rank-case.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';

/** The same from TF.js's ops: the least of the top k magnitudes, then a comparison. `topk` is its only sort. */
export const rankTfjsNode: Engine<RankCase> = {
  name: 'tfjs-node topk',
  async prepare(work) {
    const weights = normalWeights(work.weights, work.seed);
    const rank = () =>
      tf.tidy(() => {
        const magnitudes = tf.tensor1d(weights).abs();
        const threshold = tf.topk(magnitudes, work.kept, false).values.min();
        return magnitudes.greaterEqual(threshold).dataSync() as Uint8Array;
      });
    const first = asWords(rank());
    return {
      run() {
        rank();
        return first;
      },
      facts: tensorflowVersions,
    };
  },
};
