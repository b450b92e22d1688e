import { checkChoice, checkFloat32Array } from '../../native/check.ts';
import { seededRandom } from '../../sparse/random.ts';
import { refuseNan } from '../../sparse/refuse-nan.ts';
import type { WeightCriterion } from '../criterion.ts';
import { textHash } from '../text-hash.ts';
import { magnitude } from './magnitude.ts';
import { randomScores } from './random.ts';
import type { WeightView } from './weight-view.ts';
import { type ZhouName, zhouNames, zhouScores } from './zhou.ts';

/** Scores one weight: as many as it has entries, higher is kept. `random` gives numbers in [0, 1). */
export type ScoreWeight = (view: WeightView, random: () => number) => Float32Array;

/** Names of the criteria that need the weights only. */
export type WeightCriterionName = Extract<WeightCriterion, string>;

const zhou = Object.fromEntries(
  zhouNames.map((name): [string, ScoreWeight] => [
    `zhou:${name}`,
    (view, random) => zhouScores(name, view, random),
  ]),
) as Record<`zhou:${ZhouName}`, ScoreWeight>;

/** What each {@link WeightCriterionName} does. */
export const weightCriteria: Readonly<Record<WeightCriterionName, ScoreWeight>> = {
  magnitude,
  random: randomScores,
  ...zhou,
};

/** The random numbers of one weight: the same for the same seed and name, whatever other weights there are. */
export function randomOf(key: string, seed: number): () => number {
  return seededRandom((textHash(key) ^ seed) >>> 0);
}

/**
 * Scores of one weight by any criterion that needs the weights only.
 *
 * @param seed - of random criteria; the layer's and the weight's name are mixed in
 * @returns one score per entry, higher is kept; no NaN
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for an unknown name, `ERR_SPARSE_NAN`, `ERR_SPARSE_SHAPE` or
 * `ERR_SPARSE_DTYPE` when the scores (of the caller's own function too) are not as many float32 numbers as the weight has
 */
export function scoreWeight(criterion: WeightCriterion, view: WeightView, seed: number): Float32Array {
  const key = `${view.layer}/${view.name}`;
  const own = typeof criterion === 'function';
  if (!own) {
    checkChoice('pruning', 'criterion', criterion, Object.keys(weightCriteria) as WeightCriterionName[]);
    refuseNan('pruning', key, view.values);
  }
  const name = own ? `scores of ${key}` : `scores of ${key} by "${criterion}"`;
  const scores: unknown = own ? criterion(view) : weightCriteria[criterion](view, randomOf(key, seed));
  const checked = checkFloat32Array('pruning', name, scores, view.values.length);
  refuseNan('pruning', name, checked);
  return checked;
}
