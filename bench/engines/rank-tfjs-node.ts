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
 * The same from TF.js's ops, in the faster of two ways. For 16.8 M weights and a tenth of them kept, in turn in one
 * process: this 2.8 s (CPU time 2.3), the threshold from `topk`, its only sort, 6.4 s (5.3). One core of an AMD EPYC (Zen 4),
 * one thread, TensorFlow 2.12, November 2026.
 */
export const rankTfjsNode: Engine<RankCase> = {
  name: 'tfjs-node bisection',
  async prepare(work) {
    const weights = normalWeights(work.weights, work.seed);
    const rank = () => {
      const mask = tf.tidy(() => {
        const magnitudes = tf.tensor1d(weights).abs();
        return magnitudes.greaterEqual(thresholdOf(magnitudes, work.kept));
      });
      // Outside: tidy looks for tensors in every element of what it returns.
      const bytes = mask.dataSync() as Uint8Array;
      mask.dispose();
      return bytes;
    };
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
