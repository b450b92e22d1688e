import { expect, it } from 'vitest';
import { seedOf } from '../../../../lib/pruning/studies/seeds.ts';
import { decodeJson, encodeJson } from '../../../../lib/pruning/studies/study-json.ts';

it('brings back every number, those too that JSON has not', () => {
  const value = {
    loss: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 0.1, 1e-308],
    text: 'NaN',
    none: null,
  };
  const back = decodeJson(encodeJson(value)) as typeof value;
  expect(back).toEqual(value);
  expect(Object.is(back.loss[3], -0)).toBe(true);
  expect(Object.is(back.loss[4], 0)).toBe(true);
});

it('leaves an object alone that merely looks like a number', () => {
  expect(decodeJson(encodeJson({ $number: 'three' }))).toEqual({ $number: 'three' });
});

it('gives every part of a study a seed of its own, always the same one', () => {
  const seeds = [seedOf(0, 'a', 1), seedOf(0, 'a', 2), seedOf(0, 'b', 1), seedOf(1, 'a', 1)];
  expect(new Set(seeds).size).toBe(4);
  expect(seedOf(0, 'a', 1)).toBe(seeds[0]);
  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
});
