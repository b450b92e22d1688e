import { describe, expect, it } from 'vitest';
import { readData } from '../../../lib/server/read-data.ts';

const x = { name: 'x', dtype: 'float32' } as const;

describe('data of a tensor', () => {
  it('is the same flat, in lists, and in lists of lists', () => {
    const expected = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(readData(x, [1, 2, 3, 4, 5, 6], [1, 2, 3])).toEqual(expected);
    expect(readData(x, [1, 2, 3, 4, 5, 6], [6])).toEqual(expected);
    const nested = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(readData(x, nested, [2, 3])).toEqual(expected);
    expect(readData(x, [nested], [1, 2, 3])).toEqual(expected);
    expect(readData(x, [[[1], [2], [3], [4], [5], [6]]], [1, 6, 1])).toEqual(expected);
  });

  it('reaches from the least to the most that float32 holds', () => {
    const largest = 3.4028234663852886e38;
    const values = readData(x, [largest, -largest, 1e-45, 1e-300, -0], [5]);
    expect(values).toEqual(Float32Array.of(largest, -largest, 2 ** -149, 0, -0));
    expect(() => readData(x, [largest * 1.0001], [1])).toThrow(/element 0 .* expected a number that FP32/);
  });

  it('of whole numbers is whole, from the least to the most that int32 holds', () => {
    const ids = { name: 'ids', dtype: 'int32' } as const;
    const ends = [-(2 ** 31), 2 ** 31 - 1];
    expect(readData(ids, [ends], [1, 2])).toEqual(Int32Array.from(ends));
    for (const element of [0.5, 2 ** 31, Number.NaN, '1', null])
      expect(() => readData(ids, [element], [1])).toThrow(/element 0 .* expected a number that INT32/);
  });

  it('may be empty lists where a dimension is 0', () => {
    expect(readData(x, [], [2, 0])).toHaveLength(0);
    expect(readData(x, [[], []], [2, 0])).toHaveLength(0);
    expect(() => readData(x, [[], [1]], [2, 0])).toThrow(/data\[1\] .* has 1 elements, expected 0/);
  });
});
