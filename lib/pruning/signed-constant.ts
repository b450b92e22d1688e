import { SparseError } from '../errors.ts';
import { checkFloat32Array } from '../native/check.ts';
import type { Mask } from '../sparse/structure.ts';
import { countOnes } from '../sparse/structured-mask.ts';

/**
 * Population standard deviation over all entries, pruned ones too: summed in float64, rounded to float32 once.
 *
 * @returns NaN for an empty array
 */
export function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return Math.fround(Math.sqrt(squares / values.length));
}

/**
 * Supermask weights that keep only the sign of the initial ones: sign(w_i) · std(w_i) · multiplier, std over the whole
 * weight. An initial 0 stays 0.
 *
 * @param initial - any shape
 * @param multiplier - default 1
 * @see Zhou et al. 2019, arXiv:1905.01067, section 5
 */
export function signedConstant(
  initial: Float32Array,
  multiplier = 1,
): {
  /** The deviation before the multiplier. */ std: number;
  /** As many as `initial`. */ weights: Float32Array;
} {
  checkFloat32Array('signedConstant', 'initial', initial);
  const std = standardDeviation(initial);
  return { std, weights: initial.map((w) => Math.sign(w) * std * multiplier) };
}

/**
 * Dynamic weight rescaling: what a masked weight is multiplied by so that its sums keep their size, entries / kept.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` when the mask keeps nothing
 * @see Zhou et al. 2019, arXiv:1905.01067, section 5
 */
export function rescaleMultiplier(mask: Mask): number {
  const kept = countOnes(mask);
  if (kept > 0) return mask.length / kept;
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `rescaleMultiplier: the mask keeps none of ${mask.length} weights, expected at least one. Lower the sparsity.`,
    { tensor: 'mask', expected: 'at least one 1', received: 0 },
  );
}
