import { SparseError } from '../errors.ts';
import { checkFloat32Array, checkInteger } from '../native/check.ts';

/** Below this, a network counts as stable to the noise of training. */
export const stableBelow = 0.02;

/** What {@link errorBarrier} finds. */
export interface ErrorBarrier {
  /** Highest error on the way. */ highest: number;
  /** Mean error of the two ends. */ mean: number;
  /** Height of the barrier, highest - mean: the instability. */ instability: number;
  /** Whether the instability is below 2 %. */ stable: boolean;
}

/** `count` evenly spaced numbers from 0 to 1, both included; default 30. */
export function interpolationAlphas(count = 30): number[] {
  checkInteger('interpolationAlphas', 'count', count, 2);
  return Array.from({ length: count }, (_, i) => i / (count - 1));
}

/**
 * W(alpha) = alpha · W1 + (1 - alpha) · W2, in float64, rounded once.
 *
 * @param first - W1; alpha 1 gives it back
 * @param second - W2, as long; alpha 0 gives it back
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`
 */
export function interpolateWeights(first: Float32Array, second: Float32Array, alpha: number): Float32Array {
  const what = 'interpolateWeights';
  checkFloat32Array(what, 'first', first);
  checkFloat32Array(what, 'second', second, first.length);
  return first.map((w, i) => alpha * w + (1 - alpha) * second[i]!);
}

/**
 * Fraction of examples whose highest logit is not their label; of equal logits the first counts.
 *
 * @param logits - [examples, classes], row-major
 * @param labels - one class number per example, from 0
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_OPTION` for a label that is no class
 */
export function classificationError(
  logits: ArrayLike<number>,
  classes: number,
  labels: ArrayLike<number>,
): number {
  const what = 'classificationError';
  checkInteger(what, 'classes', classes, 1);
  if (logits.length !== labels.length * classes || labels.length === 0) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: logits has ${logits.length} elements, expected ${labels.length} labels · ${classes} classes, at least one.`,
      { tensor: 'logits', expected: labels.length * classes, received: logits.length },
    );
  }
  let wrong = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = checkInteger(what, `labels[${i}]`, labels[i], 0, classes - 1);
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[i * classes + c]! > logits[i * classes + best]!) best = c;
    if (best !== label) wrong++;
  }
  return wrong / labels.length;
}

/**
 * Instability of a network to the noise of its training: how much higher the error rises on the straight line between two
 * trained copies than it is, on average, at its ends.
 *
 * @param errors - along the line, from one end to the other, ends included; fractions
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE` for fewer than two, `ERR_SPARSE_NAN`
 * @see Frankle et al. 2020, "Linear Mode Connectivity and the Lottery Ticket Hypothesis", arXiv:1912.05671, section 2
 */
export function errorBarrier(errors: readonly number[]): ErrorBarrier {
  if (errors.length < 2) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `errorBarrier: ${errors.length} errors, expected at least those of the two ends.`,
      { tensor: 'errors', expected: 'at least 2', received: errors.length },
    );
  }
  const bad = errors.findIndex(Number.isNaN);
  if (bad >= 0) {
    throw new SparseError('ERR_SPARSE_NAN', `errorBarrier: errors[${bad}] is NaN, expected fractions.`, {
      tensor: 'errors',
      expected: 'a number',
      received: bad,
    });
  }
  const highest = Math.max(...errors);
  const mean = (errors[0]! + errors.at(-1)!) / 2;
  const instability = highest - mean;
  return { highest, mean, instability, stable: instability < stableBelow };
}
