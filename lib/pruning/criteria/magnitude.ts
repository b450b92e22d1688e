import type { WeightView } from './weight-view.ts';

/** Scores each entry by its absolute value. */
export function magnitude({ values }: Pick<WeightView, 'values'>): Float32Array {
  const scores = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) scores[i] = Math.abs(values[i]!);
  return scores;
}
