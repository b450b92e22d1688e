import { expect, it } from 'vitest';
import { zhouPercent, zhouRound } from '../../../lib/pruning/zhou-round.ts';
import { failure } from '../sparse/failure.ts';

const view = {
  layer: 'dense',
  name: 'kernel',
  shape: [6],
  values: Float32Array.of(0.9, -0.1, -0.3, 0.7, -0.65, 0.2),
  initial: Float32Array.of(0.5, -0.4, 0.1, 0.8, -0.3, 0.2),
};

it('prunes a whole number of percent of what is left, the lowest first', () => {
  expect(zhouRound('large_final', view, 50)).toEqual({ mask: Uint8Array.of(1, 0, 0, 1, 1, 0), pruned: 3 });
  // trunc(6 · 40 / 100) = 2
  expect(zhouRound('small_init', view, 40).mask.join('')).toBe('011011');
});

it('never brings back what was pruned before, and counts it out', () => {
  const previous = Uint8Array.of(0, 1, 1, 1, 1, 0);
  expect(zhouRound('large_final', view, 50, previous)).toEqual({
    mask: Uint8Array.of(0, 0, 0, 1, 1, 0),
    pruned: 2,
  });
});

it('prunes none at 0 and all at 100 percent, and refuses what is no percent', () => {
  expect(zhouRound('movement', view, 0).mask.join('')).toBe('111111');
  expect(zhouRound('movement', view, 100).mask.join('')).toBe('000000');
  for (const percent of [-1, 101, Number.NaN, '5' as never]) {
    expect(failure(() => zhouRound('movement', view, percent)).code).toBe('ERR_SPARSE_OPTION');
  }
});

it('a base of 0.8 prunes 20 percent a round, 36 in two', () => {
  expect(zhouPercent(0.8, 1)).toBeCloseTo(20, 12);
  expect(zhouPercent(0.8, 2)).toBeCloseTo(36, 12);
  expect(failure(() => zhouPercent(1.2, 1)).code).toBe('ERR_SPARSE_OPTION');
});
