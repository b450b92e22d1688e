import type { WeightView } from './weight-view.ts';

/** Uniform random scores: which weights are kept is chance, how many is not. */
export function randomScores({ values }: Pick<WeightView, 'values'>, random: () => number): Float32Array {
  return values.map(() => random());
}
