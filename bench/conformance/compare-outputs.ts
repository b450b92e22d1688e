import { relativeDifference } from '../../lib/measure/statistics.ts';

/** Name and number of values of each output, in order; both engines give all outputs of all inputs one after another. */
export interface OutputPart {
  name: string;
  length: number;
}

/** Largest difference over all inputs and outputs, each relative to its own largest magnitude. */
export function compareOutputs(
  parts: readonly OutputPart[],
  expected: Float32Array,
  received: Float32Array,
): { difference: number; worst: string } {
  let found = { difference: 0, worst: parts[0]?.name ?? '' };
  if (expected.length !== received.length)
    return {
      difference: Number.POSITIVE_INFINITY,
      worst: `${received.length} values, not ${expected.length}`,
    };
  for (let at = 0; at < expected.length; )
    for (const { name, length } of parts) {
      const difference = relativeDifference(
        expected.subarray(at, at + length),
        received.subarray(at, at + length),
      );
      if (!(difference <= found.difference)) found = { difference, worst: name };
      at += length;
    }
  return found;
}

const largestAt = (values: Float32Array) => values.reduce((best, v, i) => (v > values[best]! ? i : best), 0);

/** Inputs for which both engines' first outputs are largest at the same place. */
export function countSameClass(
  parts: readonly OutputPart[],
  expected: Float32Array,
  received: Float32Array,
): number {
  const stride = parts.reduce((sum, { length }) => sum + length, 0);
  const classes = parts[0]!.length;
  let same = 0;
  for (let at = 0; at < expected.length; at += stride)
    same += Number(
      largestAt(expected.subarray(at, at + classes)) === largestAt(received.subarray(at, at + classes)),
    );
  return same;
}
