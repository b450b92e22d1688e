import { relativeDifference } from '../../lib/measure/statistics.ts';

/**
 * Largest difference over all runs and outputs, each relative to its own largest magnitude; Infinity where one has
 * another length or a NaN of its own.
 *
 * @param names - of the outputs of one run
 * @param expected - the outputs of all runs, one run after another
 */
export function compareOutputs(
  names: readonly string[],
  expected: readonly Float32Array[],
  received: readonly Float32Array[],
): { difference: number; worst: string } {
  let found = { difference: 0, worst: names[0] ?? '' };
  for (const [i, values] of expected.entries()) {
    const difference = relativeDifference(values, received[i] ?? []);
    if (!(difference <= found.difference)) found = { difference, worst: names[i % names.length]! };
  }
  return found;
}

const largestAt = (values: Float32Array) => values.reduce((best, v, i) => (v > values[best]! ? i : best), 0);

/**
 * Runs for which both engines' first outputs are largest at the same place.
 *
 * @param outputs - of one run
 */
export function countSameClass(
  outputs: number,
  expected: readonly Float32Array[],
  received: readonly Float32Array[],
): number {
  const firsts = expected.map((_, i) => i).filter((i) => i % outputs === 0);
  return firsts.filter((i) => largestAt(expected[i]!) === largestAt(received[i]!)).length;
}
