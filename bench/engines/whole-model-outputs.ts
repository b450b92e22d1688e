import type { Values } from '../../lib/session/ports.ts';

/**
 * Outputs of several runs in one array, for the comparison: each as its length and then its values, since some models find
 * the sizes of their outputs only as they run. Whole numbers are exact up to 2^24.
 */
export function joinOutputs(runs: readonly (readonly Values[])[]): Float32Array {
  const values = runs.flat();
  const joined = new Float32Array(values.reduce((sum, { length }) => sum + 1 + length, 0));
  let at = 0;
  for (const part of values) {
    joined[at] = part.length;
    joined.set(part, at + 1);
    at += 1 + part.length;
  }
  return joined;
}

/** The parts that {@link joinOutputs} joined. */
export function splitOutputs(joined: Float32Array): Float32Array[] {
  const parts: Float32Array[] = [];
  for (let at = 0; at < joined.length; at += 1 + joined[at]!)
    parts.push(joined.subarray(at + 1, at + 1 + joined[at]!));
  return parts;
}
