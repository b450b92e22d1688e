import { SparseError } from '../errors.ts';

/** What replacing the coefficients does to the function. */
export interface CoefficientEffect {
  /** Of x and of x². */ coefficients: [linear: number, quadratic: number];
  /** The function's values with these coefficients. */ y: number[];
  /** Largest absolute change of a value. */ maxAbsChange: number;
  /** L2 norm of the change, divided by that of the values before; NaN where those are all zero. */
  relativeL2Change: number;
}

/** a·x + b·x² at every point. */
export function evaluateCoefficients(
  [linear, quadratic]: readonly [number, number],
  x: ArrayLike<number>,
): number[] {
  return Array.from(x, (at) => linear * at + quadratic * at * at);
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/**
 * Why small weights can go: f(x) = x + 5x² hardly changes without its first coefficient, and is another function
 * without its second. The demonstration of Sayak Paul's article "Plunging Into Model Pruning in Deep Learning".
 *
 * @param x - points; the article draws -10 to 10
 * @param base - coefficients of x and x² before; the article's are [1, 5]
 * @param variants - coefficients to compare with them
 */
export function coefficientEffects(
  x: ArrayLike<number>,
  base: readonly [number, number],
  variants: readonly (readonly [number, number])[],
): CoefficientEffect[] {
  if (x.length === 0) {
    throw new SparseError('ERR_SPARSE_ARGUMENT', 'coefficientEffects: x is empty. Give at least one point.', {
      tensor: 'x',
      expected: 'at least one point',
      received: 0,
    });
  }
  const before = evaluateCoefficients(base, x);
  return variants.map(([linear, quadratic]) => {
    const y = evaluateCoefficients([linear, quadratic], x);
    const change = y.map((value, i) => value - before[i]!);
    return {
      coefficients: [linear, quadratic],
      y,
      maxAbsChange: Math.max(...change.map(Math.abs)),
      relativeL2Change: norm(change) / norm(before),
    };
  });
}
