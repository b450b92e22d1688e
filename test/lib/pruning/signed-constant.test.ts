import { expect, it } from 'vitest';
import {
  rescaleMultiplier,
  signedConstant,
  standardDeviation,
} from '../../../lib/pruning/signed-constant.ts';
import { failure } from '../sparse/failure.ts';

const initial = Float32Array.of(0.5, -0.4, 0.1, 0.8, -0.3, 0.2);

it('is the population deviation of the whole weight with the initial sign', () => {
  const { std, weights } = signedConstant(initial);
  expect(std).toBeCloseTo(0.419325, 6);
  expect([...weights].map((w) => w / std)).toEqual([1, -1, 1, 1, -1, 1]);
});

it('takes a multiplier, and leaves 0 where it was', () => {
  const { std, weights } = signedConstant(Float32Array.of(2, 0, -2, -0), 3);
  expect(std).toBe(Math.fround(Math.SQRT2));
  expect([...weights]).toEqual([Math.fround(3 * std), 0, -Math.fround(3 * std), -0]);
});

it('deviates by 0 where all are equal', () => {
  expect(standardDeviation(Float32Array.of(3, 3, 3))).toBe(0);
});

it('rescales by entries over kept, if any are kept', () => {
  expect(rescaleMultiplier(Uint8Array.of(1, 0, 0, 1))).toBe(2);
  expect(failure(() => rescaleMultiplier(Uint8Array.of(0, 0))).code).toBe('ERR_SPARSE_OPTION');
});
