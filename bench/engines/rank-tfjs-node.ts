import type * as tfjs from '@tensorflow/tfjs-core';
import type { RankCase, RankOperation } from '../cases/rank-case.ts';
import { asWords, readMagnitudes, readMask, readWeights } from '../cases/rank-files.ts';
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
 * ordered as their bits are. At most 31 comparisons and counts of the whole tensor.
 */
export function thresholdOf(magnitudes: tfjs.Tensor, kept: number): number {
  const enough = (bits: number) =>
    tf.tidy(() => magnitudes.greaterEqual(fromBits(bits)).cast('int32').sum().dataSync()[0]!) >= kept;
  // TensorFlow takes what is smaller than this for zero.
  let reached = 0x00800000;
  let missed = 0x7f800000;
  if (!enough(reached)) return 0;
  while (missed - reached > 1) {
    const middle = (reached + missed) >>> 1;
    if (enough(middle)) reached = middle;
    else missed = middle;
  }
  return fromBits(reached);
}

/** Runs ops and reads the result outside of tidy, which looks for tensors in every element of what it returns. */
function read(ops: () => tfjs.Tensor): Float32Array | Uint8Array {
  const result = tf.tidy(ops);
  const values = result.dataSync() as Float32Array | Uint8Array;
  result.dispose();
  return values;
}

const ways: Readonly<Partial<Record<RankOperation, (work: RankCase) => () => Float32Array | Uint8Array>>> = {
  kth(work) {
    const magnitudes = readMagnitudes(work);
    return () => Float32Array.of(tf.tidy(() => thresholdOf(tf.tensor1d(magnitudes), work.kept)));
  },
  mask(work) {
    const weights = readWeights(work);
    return () =>
      read(() => {
        const magnitudes = tf.tensor1d(weights).abs();
        return magnitudes.greaterEqual(thresholdOf(magnitudes, work.kept));
      });
  },
  norms(work) {
    const weights = readWeights(work);
    return () => read(() => tf.tensor2d(weights, [work.k, work.n]).square().sum(0).sqrt());
  },
  'norms-inputs'(work) {
    const weights = readWeights(work);
    return () => read(() => tf.tensor2d(weights, [work.n, work.k]).square().sum(1).sqrt());
  },
  apply(work) {
    const weights = readWeights(work);
    const mask = Float32Array.from(readMask(work));
    return () => read(() => tf.mul(tf.tensor1d(weights), tf.tensor1d(mask)));
  },
};

/**
 * The same from TF.js's ops. The threshold by bisection is the faster of two ways: for 16.8 M weights and a tenth of
 * them kept, in turn in one process, a mask took 2.8 s by it and 6.4 s by `topk`, TF.js's only sort (one core of an AMD
 * EPYC (Zen 4), one thread, TensorFlow 2.12, November 2026).
 */
export const rankTfjsNode: Engine<RankCase> = {
  name: 'tfjs-node rank',
  async prepare(work) {
    const way = ways[work.operation]?.(work);
    if (way === undefined) return { unavailable: 'TF.js has no CSR' };
    const result = way();
    const first = result instanceof Uint8Array ? asWords(result) : result;
    return {
      run() {
        way();
        return first;
      },
      facts: tensorflowVersions,
    };
  },
};

/** The k-th magnitude by TF.js's only sort: the last of the `kept` greatest. */
export const topKTfjsNode: Engine<RankCase> = {
  name: 'tfjs-node topk',
  async prepare(work) {
    const magnitudes = readMagnitudes(work);
    const kth = () =>
      tf.tidy(() => {
        const { values } = tf.topk(tf.tensor1d(magnitudes), work.kept, true);
        return values.slice(work.kept - 1, 1).dataSync()[0]!;
      });
    const first = Float32Array.of(kth());
    return {
      run() {
        kth();
        return first;
      },
      facts: tensorflowVersions,
    };
  },
};
