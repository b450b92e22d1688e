import { SparseError } from '../errors.ts';
import { checkFloat32Array, checkInteger } from '../native/check.ts';
import { checkShape } from '../sparse/check-shape.ts';

/** Along which axis groups of neighbours are looked for: the inputs of each output, or the last axis as stored. */
export type GroupAxis = 'inputs' | 'last';

/** N:M by what is kept: at most `keep` of every `of` neighbours. */
export interface GroupPattern {
  /** From 0 to `of`. */ keep: number;
  /** Neighbours in a group. */ of: number;
}

/**
 * Whether no group of `of` neighbours has more than `keep` values other than 0: TFMOT's `is_pruned_m_by_n`. A last group
 * that is shorter counts as filled up with zeros.
 *
 * @param shape - [inputs, outputs], or [height, width, inputs, outputs], whose groups begin anew at every tap
 * @param axis - `inputs` (default; TFMOT's `C_OUT`) groups along the axis before the last, `last` (TFMOT's `C_IN`) along
 *   the last one
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE` for another rank, `ERR_SPARSE_OPTION`
 */
export function isPrunedMByN(
  values: Float32Array,
  shape: readonly number[],
  { keep, of }: GroupPattern,
  axis: GroupAxis = 'inputs',
): boolean {
  const what = 'isPrunedMByN';
  checkFloat32Array(what, 'values', values, checkShape(what, shape));
  checkInteger(what, 'of', of, 1);
  checkInteger(what, 'keep', keep, 0, of);
  if (shape.length !== 2 && shape.length !== 4) {
    throw new SparseError('ERR_SPARSE_SHAPE', `${what}: shape is [${shape}], expected rank 2 or 4.`, {
      tensor: 'values',
      expected: 'rank 2 or 4',
      received: shape,
    });
  }
  const outputs = shape.at(-1)!;
  // A line of neighbours: its length, the distance from one to the next, and where each line begins.
  const [length, stride] = axis === 'last' ? [outputs, 1] : [shape.at(-2)!, outputs];
  for (let block = 0; block < values.length; block += length * stride) {
    for (let line = 0; line < stride; line++) {
      for (let group = 0; group < length; group += of) {
        let kept = 0;
        for (let i = group; i < Math.min(group + of, length); i++) {
          if (values[block + line + i * stride] !== 0) kept++;
        }
        if (kept > keep) return false;
      }
    }
  }
  return true;
}
