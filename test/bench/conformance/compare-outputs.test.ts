import { expect, it } from 'vitest';
import { compareOutputs, countSameClass } from '../../../bench/conformance/compare-outputs.ts';
import { joinOutputs, splitOutputs } from '../../../bench/engines/whole-model-outputs.ts';

// Two runs, each with two scores and one box.
const names = ['scores', 'box'];
const runs = [
  [Float32Array.of(1, 0), Float32Array.of(1000)],
  [Float32Array.of(0, 4), Float32Array.of(2000)],
];
const expected = runs.flat();
const changed = (output: number, ...values: number[]) =>
  expected.map((part, i) => (i === output ? Float32Array.from(values) : part));

it('takes each output relative to its own magnitude, and names the worst', () => {
  expect(compareOutputs(names, expected, expected)).toEqual({ difference: 0, worst: 'scores' });
  expect(compareOutputs(names, expected, changed(2, 1, 4))).toEqual({ difference: 0.25, worst: 'scores' });
  expect(compareOutputs(names, expected, changed(3, 2200))).toMatchObject({ worst: 'box' });
});

it('lets no NaN, no missing value and no missing output pass', () => {
  for (const received of [changed(2, Number.NaN, 4), changed(2, 0), expected.slice(0, 3)])
    expect(compareOutputs(names, expected, received).difference).toBe(Number.POSITIVE_INFINITY);
});

it('counts the runs whose first output is largest at the same place', () => {
  expect(countSameClass(2, expected, expected)).toBe(2);
  expect(countSameClass(2, expected, changed(0, 1, 2))).toBe(1);
});

it('joins outputs of any length, empty ones too, and splits them again', () => {
  const parts = [Float32Array.of(1, 2), Int32Array.of(), Int32Array.of(7)];
  expect(splitOutputs(joinOutputs([parts])).map((part) => [...part])).toEqual([[1, 2], [], [7]]);
});
