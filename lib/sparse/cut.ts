import { SparseError } from '../errors.ts';
import { roundHalfEven } from './round.ts';
import type { Compat } from './structure.ts';

/** Where a ranking is cut: all kept, none kept, or those that rank from the k-th smallest up. */
export type Cut =
  | { keep: 'all' }
  | { keep: 'none' }
  | {
      keep: 'from';
      /** From 1 to n. */
      rank: number;
      /** Ties with the k-th: as many kept as the count asks for (lower index first), all kept, or all dropped. */
      ties: 'exact' | 'keep' | 'drop';
    };

type Rule = (n: number, sparsity: number) => Cut;

/** The cut that keeps the highest `kept` of n, the lower index on a tie. */
export function keepExactly(n: number, kept: number): Cut {
  if (kept <= 0) return { keep: 'none' };
  return { keep: 'from', rank: n - kept + 1, ties: 'exact' };
}

/** How many of n the rule `exact` keeps: roundHalfEven(n·(1 − sparsity)), at least 1 unless sparsity is 1. */
export function exactCount(n: number, sparsity: number): number {
  if (sparsity === 1 || n === 0) return 0;
  return Math.max(1, roundHalfEven(n * (1 - sparsity)));
}

/** How many of n TFMOT means to keep (ties come on top): the same in float32 arithmetic, at least 1. */
export function tfmotCount(n: number, sparsity: number): number {
  const density = Math.fround(1 - Math.fround(sparsity));
  const kept = roundHalfEven(Math.fround(Math.fround(n) * density));
  return Math.min(n, Math.max(1, kept));
}

const rules: Readonly<Record<Compat, Rule>> = {
  exact: (n, sparsity) => keepExactly(n, exactCount(n, sparsity)),
  tfmot: (n, sparsity) => ({ keep: 'from', rank: n - tfmotCount(n, sparsity) + 1, ties: 'keep' }),
  // Python's round is half to even, in float64.
  torch: (n, sparsity) => keepExactly(n, n - roundHalfEven(sparsity * n)),
  // The threshold is sorted[count], counted from 0, and what equals it goes as well: one more than asked for, or more.
  openlth: (n, sparsity) => {
    const count = Math.ceil(sparsity * n);
    if (count < n) return { keep: 'from', rank: count + 1, ties: 'drop' };
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `buildMask: compat "openlth" cannot prune ${count} of ${n} (its threshold would lie past the last), ` +
        'expected fewer. Lower the sparsity.',
      { expected: `sparsity below ${(n - 1) / n}`, received: sparsity },
    );
  },
  synflow: (n, sparsity) => {
    const pruned = Math.trunc(sparsity * n);
    return pruned < 1 ? { keep: 'all' } : { keep: 'from', rank: pruned, ties: 'drop' };
  },
};

/** Where `compat` cuts a ranking of n scores at a sparsity in [0, 1]. */
export function cutOf(compat: Compat, n: number, sparsity: number): Cut {
  return n === 0 ? { keep: 'none' } : rules[compat](n, sparsity);
}
