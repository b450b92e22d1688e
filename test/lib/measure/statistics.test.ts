import { describe, expect, it } from 'vitest';
import {
  median,
  medianAbsoluteDeviation,
  medianInterval,
  pairedRatio,
  relativeDifference,
} from '../../../lib/measure/statistics.ts';
import { seededRandom } from '../../../lib/sparse/random.ts';

describe('median', () => {
  it('is the middle of an odd count and the mean of the two middle ones of an even count', () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([1, 10, 2, 4])).toBe(3);
  });

  it('leaves its argument in order and gives NaN for nothing', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(median([])).toBeNaN();
  });
});

describe('medianAbsoluteDeviation', () => {
  it('is not moved by one wild value', () => {
    expect(medianAbsoluteDeviation([1, 2, 3, 4, 1000])).toBe(1);
  });
});

describe('medianInterval', () => {
  it('gives the order statistics of the published table for the 95 % interval of a median', () => {
    const ranks = (n: number) => medianInterval(Array.from({ length: n }, (_, i) => i + 1));
    expect(ranks(6)).toEqual([1, 6]);
    expect(ranks(9)).toEqual([2, 8]);
    expect(ranks(10)).toEqual([2, 9]);
    expect(ranks(20)).toEqual([6, 15]);
    expect(ranks(100)).toEqual([40, 61]);
  });

  it('gives all it has when there are fewer than 6 values', () => {
    expect(medianInterval([4, 2, 3])).toEqual([2, 4]);
    expect(medianInterval([7])).toEqual([7, 7]);
    expect(medianInterval([])).toEqual([Number.NaN, Number.NaN]);
  });

  it('works for more samples than 2^-n can express', () => {
    const [low, high] = medianInterval(Array.from({ length: 4001 }, (_, i) => i));
    expect(low).toBeGreaterThan(1930);
    expect(low).toBeLessThan(1945);
    expect(low + high).toBe(4000);
  });

  it('holds the true median in at least 95 % of cases', () => {
    const next = seededRandom(1);
    let held = 0;
    const trials = 2000;
    for (let t = 0; t < trials; t++) {
      // Exponential: lopsided like a time. Its median is ln 2.
      const [low, high] = medianInterval(Array.from({ length: 21 }, () => -Math.log(1 - next())));
      if (low <= Math.LN2 && Math.LN2 <= high) held++;
    }
    expect(held / trials).toBeGreaterThan(0.95);
  });
});

describe('pairedRatio', () => {
  it('cancels what slows both engines in the same round', () => {
    const load = [1, 1, 7, 1, 3, 1, 1, 20, 1, 1];
    const { ratio, interval } = pairedRatio(
      load.map((l) => 8 * l),
      load.map((l) => 2 * l),
    );
    expect(ratio).toBe(4);
    expect(interval).toEqual([4, 4]);
  });
});

describe('relativeDifference', () => {
  it('is relative to the largest expected magnitude', () => {
    expect(relativeDifference([1, -10], [1.5, -10])).toBe(0.05);
  });

  it('is absolute where everything expected is zero', () => {
    expect(relativeDifference([0, 0], [0, 0.25])).toBe(0.25);
  });

  it('is infinite for other lengths, for a NaN on one side and for other infinities', () => {
    expect(relativeDifference([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDifference([1], [Number.NaN])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDifference([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDifference([Number.POSITIVE_INFINITY], [1])).toBe(Number.POSITIVE_INFINITY);
  });

  it('is zero where both sides agree on NaN and infinities', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, 2];
    expect(relativeDifference(values, values)).toBe(0);
  });
});
