import { describe, expect, it } from 'vitest';
import {
  classificationError,
  errorBarrier,
  interpolateWeights,
  interpolationAlphas,
} from '../../../lib/pruning/error-barrier.ts';
import { failure } from '../sparse/failure.ts';

describe('errorBarrier', () => {
  it('is the highest error over the mean of the ends', () => {
    const found = errorBarrier([0.1, 0.12, 0.3, 0.25, 0.08]);
    expect(found.highest).toBe(0.3);
    expect(found.instability).toBeCloseTo(0.21, 12);
    expect(found.stable).toBe(false);
  });

  it('counts as stable below 2 percent, also where the middle is lower', () => {
    expect(errorBarrier([0.1, 0.11, 0.1]).stable).toBe(true);
    expect(errorBarrier([0.1, 0.05, 0.1]).instability).toBe(0);
    expect(errorBarrier([0, 0.02, 0]).stable).toBe(false);
  });

  it('needs two ends and no NaN', () => {
    expect(failure(() => errorBarrier([0.1])).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => errorBarrier([0.1, Number.NaN])).message).toContain('errors[1]');
  });
});

it('alphas are evenly spaced, ends included; 30 by default', () => {
  expect(interpolationAlphas(5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(interpolationAlphas()).toHaveLength(30);
  expect(interpolationAlphas().at(-1)).toBe(1);
  expect(failure(() => interpolationAlphas(1)).code).toBe('ERR_SPARSE_OPTION');
});

it('alpha 1 is the first, 0 the second', () => {
  const [first, second] = [Float32Array.of(1, 2), Float32Array.of(3, -2)];
  expect(interpolateWeights(first, second, 1)).toEqual(first);
  expect(interpolateWeights(first, second, 0)).toEqual(second);
  expect([...interpolateWeights(first, second, 0.25)]).toEqual([2.5, -1]);
  expect(failure(() => interpolateWeights(first, Float32Array.of(1), 0.5)).code).toBe('ERR_SPARSE_SHAPE');
});

it('an example errs when another class has a higher logit; the first of equal ones counts', () => {
  expect(classificationError([1, 2, 5, 5, 0, 0], 2, [1, 0, 1])).toBeCloseTo(1 / 3, 12);
  expect(failure(() => classificationError([1, 2], 2, [2])).message).toContain('labels[0]');
  expect(failure(() => classificationError([1, 2, 3], 2, [1])).code).toBe('ERR_SPARSE_SHAPE');
  expect(failure(() => classificationError([], 2, [])).code).toBe('ERR_SPARSE_SHAPE');
});
