import { SparseError } from '../errors.ts';
import {
  checkArray,
  checkChoice,
  checkFloat32Array,
  checkFraction,
  checkOptions,
  overlaps,
} from '../native/check.ts';
import { native } from '../native/load.ts';
import { checkShape, matrixOf } from './check-shape.ts';
import { checkStructure } from './check-structure.ts';
import { flatMask, type MaskResult } from './flat-mask.ts';
import { refuseNan } from './refuse-nan.ts';
import { type Compat, compats, type Mask, type Structure } from './structure.ts';
import { structuredMask } from './structured-mask.ts';
import { readThreads } from './threads.ts';

/** What {@link buildMask} is asked for. */
export interface MaskOptions {
  /** Fraction of zeros, in [0, 1]. N:M structures have their own and do not read it. */
  sparsity: number;
  /** Pattern; default unstructured. */
  structure?: Structure;
  /** Whose rule for counts and ties; default `exact`. */
  compat?: Compat;
  /**
   * Filled and returned instead of a new mask: as long as the scores, not overlapping them. A training loop that reuses
   * one spares the memory of a fresh mask at every step. After an error its bytes are undefined.
   */
  out?: Mask;
  /** Threads that norms and an unstructured ranking may use; default 1. The mask is the same for any number. */
  threads?: number;
}

/** The mask to fill, whatever stands there: `out`, or new memory that nobody has zeroed in vain. */
function maskFor(what: string, name: string, values: Float32Array, out: Mask | undefined): Mask {
  if (out === undefined) return new Uint8Array(Buffer.allocUnsafeSlow(values.length).buffer);
  checkArray(what, 'out', 'Uint8Array', out, values.length);
  if (overlaps(out, values)) throw overlapError(what, name, 'memory of its own');
  return out;
}

function overlapError(what: string, other: string, expected: string): SparseError {
  return new SparseError('ERR_SPARSE_BUFFER', `${what}: out overlaps ${other}, expected ${expected}.`, {
    tensor: 'out',
    expected: 'no overlap',
    received: `overlap with ${other}`,
  });
}

/**
 * {@link buildMask} with the threshold and the count.
 *
 * @param name - what the scores are called in errors
 */
export function computeMask(
  scores: Float32Array,
  shape: readonly number[],
  options: MaskOptions,
  name = 'scores',
): MaskResult {
  const what = 'buildMask';
  const size = checkShape(what, shape);
  checkFloat32Array(what, name, scores, size);
  checkOptions(what, options, ['sparsity', 'structure', 'compat', 'out', 'threads']);
  const sparsity = checkFraction(what, 'sparsity', options?.sparsity);
  const compat = checkChoice(what, 'compat', options.compat ?? 'exact', compats);
  const structure = checkStructure(what, options.structure ?? { type: 'unstructured' });
  const threads = readThreads(what, options.threads);
  const mask = maskFor(what, name, scores, options.out);
  if (structure.type === 'unstructured') {
    return flatMask({ what, name, values: scores, magnitude: false, threads }, sparsity, compat, mask);
  }
  const matrix = matrixOf(what, structure.type, shape);
  refuseNan(what, name, scores);
  return structuredMask({ what, name, scores, shape, ...matrix, mask, threads }, structure, sparsity, compat);
}

/**
 * Keeps the highest scores.
 *
 * The default compat `exact` keeps roundHalfEven(N·(1 − sparsity)) of the N scores (or blocks, inputs, outputs), in
 * float64, at least 1 unless sparsity is 1; on a tie the lower flat index is kept.
 *
 * @param scores - as many as `shape` says, row-major; higher is kept
 * @param shape - of the weight; structures need at least [inputs, outputs]
 * @throws {@link SparseError} `ERR_SPARSE_NAN` with the position of the first NaN; `ERR_SPARSE_OPTION`,
 * `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`, `ERR_SPARSE_BUFFER`
 */
export function buildMask(scores: Float32Array, shape: readonly number[], options: MaskOptions): Mask {
  return computeMask(scores, shape, options).mask;
}

/**
 * Keeps the greatest magnitudes: {@link buildMask} on absolute values without making them. Reads the weights
 * once, unless most of them tie or they are few.
 *
 * @param name - what the weights are called in errors
 * @throws {@link SparseError} as {@link buildMask}
 */
export function magnitudeMask(
  values: Float32Array,
  options: Omit<MaskOptions, 'structure'>,
  name = 'values',
): MaskResult {
  const what = 'magnitudeMask';
  checkFloat32Array(what, name, values);
  checkOptions(what, options, ['sparsity', 'compat', 'out', 'threads']);
  const sparsity = checkFraction(what, 'sparsity', options?.sparsity);
  const compat = checkChoice(what, 'compat', options.compat ?? 'exact', compats);
  const threads = readThreads(what, options.threads);
  const mask = maskFor(what, name, values, options.out);
  return flatMask({ what, name, values, magnitude: true, threads }, sparsity, compat, mask);
}

/**
 * Values under the mask's ones; +0 elsewhere, whatever stood there: NaN and Infinity under a 0 become 0.
 *
 * @param mask - as long as `values`; any byte but 0 keeps
 * @param options.out - filled and returned when given; it may be `values` itself, and must not overlap it otherwise
 * @param options.threads - default 1
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`, `ERR_SPARSE_BUFFER`, `ERR_SPARSE_OPTION`
 */
export function applyMask(
  values: Float32Array,
  mask: Mask,
  options: { out?: Float32Array; threads?: number } = {},
): Float32Array {
  const what = 'applyMask';
  checkFloat32Array(what, 'values', values);
  checkArray(what, 'mask', 'Uint8Array', mask, values.length);
  checkOptions(what, options, ['out', 'threads']);
  const threads = readThreads(what, options.threads);
  const out =
    options.out === undefined
      ? new Float32Array(values.length)
      : checkFloat32Array(what, 'out', options.out, values.length);
  const shifted = overlaps(out, values) && out.byteOffset !== values.byteOffset;
  if (shifted || overlaps(out, mask)) {
    throw overlapError(what, shifted ? 'values' : 'mask', 'memory of its own, or values itself');
  }
  native().applyMask(values, mask, out, threads);
  return out;
}
