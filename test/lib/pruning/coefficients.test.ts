import { expect, it } from 'vitest';
import { coefficientEffects, evaluateCoefficients } from '../../../lib/pruning.ts';

const x = Array.from({ length: 21 }, (_, i) => i - 10);

it('evaluates x + 5x²', () => {
  expect(evaluateCoefficients([1, 5], [-2, 0, 3])).toEqual([18, 0, 48]);
});

it('shows that the first coefficient hardly matters and the second is the function', () => {
  const [same, without, less, none] = coefficientEffects(
    x,
    [1, 5],
    [
      [1, 5],
      [0, 5],
      [1, 4],
      [1, 0],
    ],
  );
  expect(same).toMatchObject({ maxAbsChange: 0, relativeL2Change: 0 });
  expect(without!.maxAbsChange).toBe(10);
  expect(without!.relativeL2Change).toBeCloseTo(0.0246, 4);
  expect(less!.maxAbsChange).toBe(100);
  expect(less!.relativeL2Change).toBeCloseTo(0.1999, 4);
  expect(none!.relativeL2Change).toBeCloseTo(0.9997, 4);
});

it('refuses an empty list of points', () => {
  expect(() => coefficientEffects([], [1, 5], [])).toThrowError(/x is empty/);
});
