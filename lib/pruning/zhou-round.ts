import { SparseError } from '../errors.ts';
import { checkFraction } from '../native/check.ts';
import type { Mask } from '../sparse/structure.ts';
import { countOnes } from '../sparse/structured-mask.ts';
import { scoreWeight } from './criteria/index.ts';
import type { WeightView } from './criteria/weight-view.ts';
import type { ZhouName } from './criteria/zhou.ts';
import { keepHighest } from './rank-units.ts';

/** A mask after a round, and how many weights the round took. */
export interface ZhouRound {
  /** 1 = kept; nothing that was pruned before comes back. */ mask: Mask;
  /** Weights pruned in this round. */ pruned: number;
}

/**
 * Percent to prune in a round so that a base stays of what was there `power` rounds before: (1 - base^power) · 100.
 *
 * @see Zhou et al. 2019, arXiv:1905.01067; the bases of the small nets are 0.8 for dense layers, 0.9 for the output
 */
export function zhouPercent(base: number, power: number): number {
  checkFraction('zhouPercent', 'base', base);
  return (1 - base ** power) * 100;
}

/**
 * One round of Zhou et al.: prunes trunc(remaining · percent / 100) weights, those with the lowest scores among what is
 * left; the lower index is kept on a tie (theirs is chance).
 *
 * @param percent - of what is left, in [0, 100]
 * @param previous - mask so far, as long as the weight; default: nothing is pruned
 * @param seed - of the criterion `random`
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, and what {@link scoreWeight} throws
 * @see Zhou et al. 2019, "Deconstructing Lottery Tickets", arXiv:1905.01067, section 2
 */
export function zhouRound(
  name: ZhouName,
  view: WeightView,
  percent: number,
  previous?: Mask,
  seed = 0,
): ZhouRound {
  if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `zhouRound: percent is ${percent}, expected a number in [0, 100].`,
      { tensor: 'percent', expected: 'a number in [0, 100]', received: percent },
    );
  }
  const scores = scoreWeight(`zhou:${name}`, view, seed);
  const remaining = previous ? countOnes(previous) : scores.length;
  const pruned = Math.trunc((remaining * percent) / 100);
  return { mask: keepHighest(`${view.layer}/${view.name}`, scores, remaining - pruned, previous), pruned };
}
