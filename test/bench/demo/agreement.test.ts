import { describe, expect, it } from 'vitest';
import { accuracyOf, agreement } from '../../../bench/demo/agreement.ts';

/** Outputs of one image with the given ones on top of zeros. */
function outputs(...best: [digit: number, value: number][]): number[] {
  const all = new Array<number>(10).fill(0);
  for (const [digit, value] of best) all[digit] = value;
  return all;
}

describe('accuracyOf', () => {
  it('counts the images whose largest output is their label, the lower digit on a tie', () => {
    const values = Float32Array.from([...outputs([3, 1]), ...outputs([4, 2], [7, 2]), ...outputs([9, 1])]);
    expect(accuracyOf(values, Uint8Array.of(3, 4, 1))).toBe(2 / 3);
    expect(accuracyOf(values, Uint8Array.of(3, 7, 1))).toBe(1 / 3);
  });
});

describe('agreement', () => {
  const labels = Uint8Array.of(3, 4);
  const expected = Float32Array.from([...outputs([3, 10]), ...outputs([4, 2], [5, 2 - 2 ** -18])]);

  it('tells a class that changed on a tie from one that changed without', () => {
    const flipped = Float32Array.from([...outputs([3, 10]), ...outputs([4, 2], [5, 2 + 2 ** -18])]);
    expect(agreement(expected, flipped, labels)).toMatchObject({ otherClass: 1, otherClassUnexplained: 0 });
    const wrong = Float32Array.from([...outputs([8, 10]), ...outputs([4, 2], [5, 1])]);
    expect(agreement(expected, wrong, labels)).toMatchObject({
      accuracy: 0.5,
      otherClass: 1,
      otherClassUnexplained: 1,
    });
  });

  it('gives the largest difference relative to the largest output', () => {
    const off = Float32Array.from(expected);
    off[17] = 0.5;
    expect(agreement(expected, off, labels).maxDifference).toBe(0.05);
  });
});
