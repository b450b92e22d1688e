import type { Values } from '../../lib/session/ports.ts';

/** Outputs of several runs in one array, for the comparison. Whole numbers are exact up to 2^24. */
export function joinOutputs(runs: readonly (readonly Values[])[]): Float32Array {
  const values = runs.flat();
  const joined = new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of values) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
