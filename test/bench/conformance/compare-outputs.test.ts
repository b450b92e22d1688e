import { expect, it } from 'vitest';
import { compareOutputs, countSameClass } from '../../../bench/conformance/compare-outputs.ts';

const parts = [
  { name: 'scores', length: 2 },
  { name: 'box', length: 1 },
];
// Two inputs, each with two scores and one box.
const expected = Float32Array.of(1, 0, 1000, 0, 4, 2000);

it('takes each output relative to its own magnitude, and names the worst', () => {
  expect(compareOutputs(parts, expected, expected.slice())).toEqual({ difference: 0, worst: 'scores' });
  const received = expected.slice();
  received[3] = 1; // of 4
  received[5] = 2200; // of 2000
  expect(compareOutputs(parts, expected, received)).toEqual({ difference: 0.25, worst: 'scores' });
  received[2] = 1400;
  expect(compareOutputs(parts, expected, received).worst).toBe('box');
});

it('lets no NaN and no missing value pass', () => {
  const received = expected.slice();
  received[4] = Number.NaN;
  expect(compareOutputs(parts, expected, received).difference).toBe(Number.POSITIVE_INFINITY);
  expect(compareOutputs(parts, expected, expected.slice(1)).difference).toBe(Number.POSITIVE_INFINITY);
});

it('counts the inputs whose first output is largest at the same place', () => {
  expect(countSameClass(parts, expected, expected)).toBe(2);
  expect(countSameClass(parts, expected, Float32Array.of(1, 2, 1000, 0, 4, 0))).toBe(1);
});
