import { describe, expect, it } from 'vitest';
import {
  globalThreshold,
  thresholdFloor,
  thresholdMask,
  topKMask,
} from '../../../../lib/pruning/movement/masks.ts';
import { failure } from '../../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

describe('topKMask', () => {
  it('keeps trunc(keep · N), the lower index on a tie', () => {
    const scores = f32(0, 0, 1, -1, 0);
    expect(topKMask(scores, 0.5).join('')).toBe('10100');
    expect(topKMask(scores, 1).join('')).toBe('11111');
    expect(topKMask(scores, 0.19).join('')).toBe('00000');
  });

  it('names the matrix that has a NaN', () => {
    expect(failure(() => topKMask(f32(Number.NaN), 1, 'dense/kernel')).tensor).toBe('dense/kernel');
    expect(failure(() => topKMask(f32(1), 1.1)).code).toBe('ERR_SPARSE_OPTION');
  });
});

describe('thresholdMask', () => {
  it('keeps what is above', () => {
    expect(thresholdMask(f32(-1, 0, 0.5, 2), 0).join('')).toBe('0011');
    expect(thresholdMask(f32(-1, 0, 0.5, 2), 0.5, { soft: true }).join('')).toBe('0011');
    expect(thresholdMask(f32(-1, 0, 0.5, 2), 0.2, { soft: true }).join('')).toBe('1111');
  });

  it('keeps at least trunc(0.005 N) + 1', () => {
    expect([1, 199, 200, 500].map(thresholdFloor)).toEqual([1, 1, 2, 3]);
    const scores = Float32Array.from({ length: 500 }, (_, i) => i);
    const mask = thresholdMask(scores, 1000);
    expect([...mask.keys()].filter((i) => mask[i] === 1)).toEqual([497, 498, 499]);
  });

  it('of nothing is nothing; a threshold or score that is NaN is refused', () => {
    expect(thresholdMask(f32(), 0)).toHaveLength(0);
    expect(failure(() => thresholdMask(f32(1), Number.NaN)).code).toBe('ERR_SPARSE_OPTION');
    expect(failure(() => thresholdMask(f32(Number.NaN), 0, {}, 'dense/kernel')).tensor).toBe('dense/kernel');
  });
});

describe('globalThreshold', () => {
  const scores = [f32(1, 5, 3), f32(2, 4)];

  it('is a score, so that one more stays than asked', () => {
    // trunc(5 · 0.4) + 1 = 3 stay above the second smallest.
    expect(globalThreshold(scores, 0.4)).toEqual({ rank: 2, threshold: 2 });
    expect(globalThreshold(scores, 0.99)).toEqual({ rank: 1, threshold: 1 });
  });

  it('lets everything stay at 1', () => {
    expect(globalThreshold(scores, 1)).toEqual({ rank: undefined, threshold: -100 });
  });

  it('needs scores', () => {
    expect(failure(() => globalThreshold([], 0.5)).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => globalThreshold([f32(Number.NaN)], 0.5)).code).toBe('ERR_SPARSE_NAN');
  });
});
