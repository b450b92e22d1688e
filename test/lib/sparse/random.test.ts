import { describe, expect, it } from 'vitest';
import { randomOrder, randomValues, seededRandom } from '../../../lib/sparse/random.ts';

describe('random numbers from a seed', () => {
  it('are the same for the same seed and others for another', () => {
    expect(randomValues(5, 7)).toEqual(randomValues(5, 7));
    expect(randomValues(5, 7)).not.toEqual(randomValues(5, 8));
  });

  it('lie in [0, 1) and spread evenly', () => {
    const counts = new Array<number>(10).fill(0);
    const next = seededRandom(3);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(next() * 10)]!++;
    expect(counts).toHaveLength(10);
    // Six standard deviations of a count of 10,000.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(570);
  });

  it('shuffle every position exactly once', () => {
    const order = randomOrder(1000, 5);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(order).not.toEqual(randomOrder(1000, 6));
  });
});
