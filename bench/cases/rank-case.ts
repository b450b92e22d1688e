import { seededRandom } from '../../lib/sparse/random.ts';

/** Rank the magnitudes of normal weights and keep the `kept` greatest, with all that tie with the last of them. */
export interface RankCase {
  weights: number;
  sparsity: number;
  kept: number;
  seed: number;
}

/** Normally distributed, as the weights of a trained layer about are (Box and Muller's transform). */
export function normalWeights(count: number, seed: number): Float32Array {
  const next = seededRandom(seed);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** A mask's bytes as the float32 words that the runner compares: equal words are equal bytes. */
export function asWords(mask: Uint8Array): Float32Array {
  const bytes = new Uint8Array(Math.ceil(mask.length / 4) * 4);
  bytes.set(mask);
  return new Float32Array(bytes.buffer);
}
