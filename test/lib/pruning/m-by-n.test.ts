import { expect, it } from 'vitest';
import { isPrunedMByN } from '../../../lib/pruning/m-by-n.ts';
import { failure } from '../sparse/failure.ts';

const half = { keep: 2, of: 4 };

it('looks at neighbouring inputs of each output', () => {
  const values = Float32Array.of(1, 1, 1, 0, 0, 1, 0, 1);
  expect(isPrunedMByN(values, [4, 2], half)).toBe(false);
  values[7] = 0;
  expect(isPrunedMByN(values, [4, 2], half)).toBe(true);
  expect(isPrunedMByN(values, [4, 2], { keep: 1, of: 4 })).toBe(false);
});

it('looks along the last axis when asked', () => {
  const values = Float32Array.of(1, 1, 1, 0, 0, 0, 0, 0);
  expect(isPrunedMByN(values, [2, 4], half, 'last')).toBe(false);
  expect(isPrunedMByN(values, [2, 4], half)).toBe(true);
});

it('fills a short last group up with zeros', () => {
  expect(isPrunedMByN(Float32Array.of(0, 0, 1, 1, 1, 1), [6, 1], half)).toBe(true);
  expect(isPrunedMByN(Float32Array.of(0, 0, 1, 1, 1, 1, 1), [7, 1], half)).toBe(false);
});

it('begins anew at every tap of a convolution', () => {
  // Two taps of two inputs: each has two of four, and no group goes across.
  expect(isPrunedMByN(new Float32Array(4).fill(1), [2, 1, 2, 1], half)).toBe(true);
  expect(isPrunedMByN(new Float32Array(4).fill(1), [1, 1, 4, 1], half)).toBe(false);
});

it('refuses other ranks and pairs that are none', () => {
  expect(failure(() => isPrunedMByN(new Float32Array(4), [4], half)).code).toBe('ERR_SPARSE_SHAPE');
  expect(failure(() => isPrunedMByN(new Float32Array(4), [4, 1], { keep: 5, of: 4 })).code).toBe(
    'ERR_SPARSE_OPTION',
  );
});
