import { SparseError } from '../../errors.ts';
import { checkFloat32Array, checkFraction } from '../../native/check.ts';
import { selectThreshold } from '../../sparse/ranking.ts';
import { refuseNan } from '../../sparse/refuse-nan.ts';
import type { Mask } from '../../sparse/structure.ts';
import { countOnes } from '../../sparse/structured-mask.ts';
import { keepHighest } from '../rank-units.ts';

/** 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * Hard movement pruning: keeps the trunc(keep · N) highest scores of one matrix, the lower index on a tie.
 *
 * @param keep - fraction that stays, in [0, 1]; a small one may keep nothing
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_NAN`
 * @see Sanh et al. 2020, "Movement Pruning", arXiv:2005.07683, section 4
 */
export function topKMask(scores: Float32Array, keep: number, name = 'scores'): Mask {
  checkFraction('topKMask', 'keep', keep);
  checkFloat32Array('topKMask', name, scores);
  return keepHighest(name, scores, Math.trunc(keep * scores.length));
}

/** Fewest of `size` scores that {@link thresholdMask} keeps: 0.5 %, rounded up. */
export function thresholdFloor(size: number): number {
  return Math.trunc(0.005 * size) + 1;
}

/**
 * Movement pruning by a threshold: keeps score > threshold, or in the soft form sigmoid(score) > threshold. Where fewer
 * than trunc(0.005 · N) + 1 = n would stay, keeps what is above the (N - n)-th smallest score, n of N when none tie.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a threshold that is NaN, `ERR_SPARSE_NAN`
 * @see Sanh et al. 2020, arXiv:2005.07683, section 4; transformers, `binarizer.py`
 */
export function thresholdMask(
  scores: Float32Array,
  threshold: number,
  options: { /** Default false. */ soft?: boolean } = {},
  name = 'scores',
): Mask {
  const what = 'thresholdMask';
  checkFloat32Array(what, name, scores);
  if (typeof threshold !== 'number' || Number.isNaN(threshold)) {
    throw new SparseError('ERR_SPARSE_OPTION', `${what}: threshold is ${threshold}, expected a number.`, {
      tensor: 'threshold',
      expected: 'a number',
      received: threshold,
    });
  }
  refuseNan(what, name, scores);
  const { length } = scores;
  const passes = (score: number) => (options.soft === true ? sigmoid(score) : score) > threshold;
  const mask = Uint8Array.from(scores, (score) => (passes(score) ? 1 : 0));
  const floor = thresholdFloor(length);
  if (length === 0 || countOnes(mask) >= floor) return mask;
  const cut = selectThreshold(scores, Math.max(length - floor, 1));
  return Uint8Array.from(scores, (score) => (score > cut ? 1 : 0));
}

/** One threshold for all matrices. */
export interface GlobalThreshold {
  /** Rank of the threshold among all scores, in rising order from 1; undefined when everything stays. */
  rank: number | undefined;
  /** Scores above it stay. */ threshold: number;
}

/**
 * The threshold that keeps about a fraction of all scores together: of n scores the max(n - (trunc(n · keep) + 1), 1)-th
 * smallest, so that one more stays than asked; -100 when all shall stay.
 *
 * @param keep - fraction that stays, in [0, 1]
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_NAN`, `ERR_SPARSE_SHAPE` when there are no scores
 * @see transformers, movement-pruning, `masked_run_glue.py` (global_topk)
 */
export function globalThreshold(scores: readonly Float32Array[], keep: number): GlobalThreshold {
  const what = 'globalThreshold';
  checkFraction(what, 'keep', keep);
  const size = scores.reduce(
    (total, part, i) => total + checkFloat32Array(what, `scores[${i}]`, part).length,
    0,
  );
  if (size === 0) {
    throw new SparseError('ERR_SPARSE_SHAPE', `${what}: there are no scores, expected at least one.`, {
      tensor: 'scores',
      expected: 'at least one',
      received: 0,
    });
  }
  if (keep === 1) return { rank: undefined, threshold: -100 };
  const all = new Float32Array(size);
  let at = 0;
  for (const part of scores) {
    all.set(part, at);
    at += part.length;
  }
  const rank = Math.max(size - (Math.trunc(size * keep) + 1), 1);
  return { rank, threshold: selectThreshold(all, rank) };
}
