import { seededRandom } from '../../lib/sparse/random.ts';

/**
 * Random weights, normal with the deviation √(2 / inputs) that keeps activations of relu layers in size, of which
 * exactly round(length · sparsity) are zero, every position equally likely.
 *
 * @see Knuth, The Art of Computer Programming, volume 2, section 3.4.2, algorithm S (the positions)
 * @see Box & Muller 1958 (the normal numbers)
 */
export function sparseWeights(length: number, inputs: number, sparsity: number, seed: number): Float32Array {
  const next = seededRandom(seed);
  const deviation = Math.sqrt(2 / inputs);
  const weights = new Float32Array(length);
  let kept = length - Math.round(length * sparsity);
  for (let i = 0; i < length && kept > 0; i++) {
    if (next() * (length - i) >= kept) continue;
    kept--;
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    // A stored weight is never zero, so that the share of zeros is exact.
    weights[i] = radius * Math.cos(2 * Math.PI * next()) * deviation || deviation;
  }
  return weights;
}
