import type { MaskResult } from '../sparse/flat-mask.ts';
import { computeMask, magnitudeMask } from '../sparse/masks.ts';
import type { Compat, Structure } from '../sparse/structure.ts';
import { magnitude } from './criteria/magnitude.ts';

/** The two rules that `pruneLowMagnitude` knows. */
export type PruningCompat = Extract<Compat, 'exact' | 'tfmot'>;

/** What a mask is made by. */
export interface MaskRule {
  /** Fraction of zeros; an N:M structure has its own and does not read it. */ sparsity: number;
  structure: Structure;
  compat: Compat;
}

/** What stands for the threshold of a mask that has one cut per group: TFMOT's is 999. */
export function noThreshold(compat: Compat): number {
  return compat === 'tfmot' ? 999 : 0;
}

/**
 * The mask that keeps the greatest magnitudes of one weight.
 *
 * @param name - what the weight is called in errors
 * @throws {@link SparseError} `ERR_SPARSE_NAN` when a value is NaN, `ERR_SPARSE_SHAPE`
 */
export function maskByMagnitude(
  values: Float32Array,
  shape: readonly number[],
  rule: MaskRule,
  name = 'values',
): MaskResult {
  const { structure, sparsity, compat } = rule;
  if (structure.type === 'unstructured') return magnitudeMask(values, { sparsity, compat }, name);
  return computeMask(magnitude({ values }), shape, rule, name);
}
