import { SparseError } from '../../errors.ts';
import { magnitude } from './magnitude.ts';
import { randomScores } from './random.ts';
import type { WeightView } from './weight-view.ts';

/** A mask criterion of Zhou et al.: their nine, and four that also look at signs. See `zhouRound`. */
export type ZhouName =
  | 'large_final'
  | 'small_final'
  | 'random'
  | 'large_init'
  | 'small_init'
  | 'large_init_large_final'
  | 'small_init_small_final'
  | 'magnitude_increase'
  | 'movement'
  | 'large_final_same_sign'
  | 'large_final_diff_sign'
  | 'magnitude_increase_same_sign'
  | 'magnitude_increase_diff_sign';

/** Every {@link ZhouName}. */
export const zhouNames = [
  'large_final',
  'small_final',
  'random',
  'large_init',
  'small_init',
  'large_init_large_final',
  'small_init_small_final',
  'magnitude_increase',
  'movement',
  'large_final_same_sign',
  'large_final_diff_sign',
  'magnitude_increase_same_sign',
  'magnitude_increase_diff_sign',
] as const satisfies readonly ZhouName[];

type Score = (final: Float32Array, initial: Float32Array, random: () => number) => Float32Array;

function score(final: Float32Array, initial: Float32Array, of: (wf: number, wi: number) => number) {
  return final.map((wf, i) => of(wf, initial[i]!));
}

/**
 * Place of each magnitude among all of them, in rising order from 0; equal ones share the highest of their places. Exact
 * in float32 up to 2²⁴ places; beyond, neighbours may tie.
 */
export function magnitudePlaces(values: Float32Array): Float32Array {
  const sorted = magnitude({ values }).sort();
  const lastPlace = (value: number): number => {
    let [low, high] = [0, sorted.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (sorted[middle]! <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return values.map((value) => lastPlace(Math.abs(value)));
}

const sameSign = (wf: number, wi: number) => Math.sign(wf) === Math.sign(wi);
const increase = (wf: number, wi: number) => Math.abs(wf) - Math.abs(wi);

const scores: Readonly<Record<ZhouName, Score>> = {
  large_final: (final) => magnitude({ values: final }),
  small_final: (final) => final.map((w) => -Math.abs(w)),
  random: (final, _, random) => randomScores({ values: final }, random),
  large_init: (_, initial) => magnitude({ values: initial }),
  small_init: (_, initial) => initial.map((w) => -Math.abs(w)),
  // Zhou's alpha aligns the scales of |w_f| and |w_i| so that a percentile cuts both alike. Places do so exactly.
  large_init_large_final: (final, initial) => {
    const places = magnitudePlaces(initial);
    return magnitudePlaces(final).map((place, i) => Math.min(place, places[i]!));
  },
  small_init_small_final: (final, initial) => {
    const places = magnitudePlaces(initial);
    return magnitudePlaces(final).map((place, i) => -Math.max(place, places[i]!));
  },
  magnitude_increase: (final, initial) => score(final, initial, increase),
  movement: (final, initial) => score(final, initial, (wf, wi) => Math.abs(wf - wi)),
  large_final_same_sign: (final, initial) =>
    score(final, initial, (wf, wi) => (sameSign(wf, wi) ? Math.abs(wf) : 0)),
  large_final_diff_sign: (final, initial) =>
    score(final, initial, (wf, wi) => (sameSign(wf, wi) ? 0 : Math.abs(wf))),
  magnitude_increase_same_sign: (final, initial) =>
    score(final, initial, (wf, wi) => (sameSign(wf, wi) ? increase(wf, wi) : 0)),
  magnitude_increase_diff_sign: (final, initial) =>
    score(final, initial, (wf, wi) => (sameSign(wf, wi) ? 0 : increase(wf, wi))),
};

const needsInitial = (name: ZhouName) => !['large_final', 'small_final', 'random'].includes(name);

/**
 * Scores a weight w_f by one of Zhou's criteria, w_i being its initial value: |w_f|, -|w_f|, uniform random, |w_i|, -|w_i|,
 * min(α|w_f|, |w_i|), -max(α|w_f|, |w_i|), |w_f| - |w_i|, |w_f - w_i|. α stands for places in a ranking: see
 * {@link magnitudePlaces}. The forms `..._same_sign` and `..._diff_sign` score 0 where the signs of w_i and w_f differ or
 * agree.
 *
 * @param random - numbers in [0, 1), for `random`
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` when a criterion needs initial values and there are none,
 * `ERR_SPARSE_SHAPE` when there are not as many as values
 * @see Zhou et al. 2019, "Deconstructing Lottery Tickets", arXiv:1905.01067, section 2
 */
export function zhouScores(name: ZhouName, view: WeightView, random: () => number): Float32Array {
  const { values, initial } = view;
  const key = `${view.layer}/${view.name}`;
  if (initial === undefined && needsInitial(name)) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `pruning: criterion "zhou:${name}" needs the initial values of ${key}, expected \`initial\`, received none. ` +
        'Keep a copy of the weights before training.',
      { layer: view.layer, tensor: key, expected: 'initial values', received: undefined },
    );
  }
  if (initial !== undefined && initial.length !== values.length) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `pruning: ${key} has ${initial.length} initial values, expected ${values.length} as it has values.`,
      { layer: view.layer, tensor: key, expected: values.length, received: initial.length },
    );
  }
  return scores[name](values, initial ?? values, random);
}
