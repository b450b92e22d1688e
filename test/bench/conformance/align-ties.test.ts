import { expect, it } from 'vitest';
import { alignTies } from '../../../bench/conformance/align-ties.ts';

const f = (...values: number[]) => Float32Array.from(values);

it('takes rows whose scores tie in the order of the other engine, and leaves others', () => {
  const expected = [f(3), f(0.9, 0.500001, 0.5), f(1, 1, 2, 2, 3, 3)];
  const tied = [f(3), f(0.9, 0.500002, 0.5), f(1, 1, 3, 3, 2, 2)];
  expect(alignTies(expected, tied, 1, 1e-5)).toEqual([f(3), f(0.9, 0.5, 0.500002), f(1, 1, 2, 2, 3, 3)]);
  expect(tied[2]).toEqual(f(1, 1, 3, 3, 2, 2));
  const wrong = [f(3), f(0.9, 0.500001, 0.5), f(2, 2, 1, 1, 3, 3)];
  expect(alignTies(expected, wrong, 1, 1e-5)).toEqual(wrong);
});

it('leaves outputs of other lengths for the comparison to find', () => {
  const received = [f(0.9, 0.5)];
  expect(alignTies([f(0.9)], received, 0, 1)).toBe(received);
});
