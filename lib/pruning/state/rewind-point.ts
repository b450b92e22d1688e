import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../../errors.ts';
import { checkModel } from '../rebuild-model.ts';
import { readWeights, type WeightValues, writeWeights } from '../studies/model-weights.ts';

const points = new WeakMap<LayersModel, WeightValues>();

/** The values kept for a model. */
export function rewindPointOf(model: LayersModel): WeightValues | undefined {
  return points.get(model);
}

/** Takes values as a model's rewind point; `undefined` forgets it. */
export function setRewindPoint(model: LayersModel, values: WeightValues | undefined): void {
  if (values) points.set(model, values);
  else points.delete(model);
}

/**
 * Remembers the present values of all weights of a model, to go back to them later. There is one such point for each model;
 * `saveTrainingState` keeps it, too.
 *
 * @throws {@link SparseError} `ERR_SPARSE_MODEL`
 */
export function keepRewindPoint(model: LayersModel): void {
  checkModel('keepRewindPoint', model);
  setRewindPoint(model, readWeights(model));
}

/**
 * Takes all weights back to where `keepRewindPoint` was called. Masks stay, so what is pruned now is zero; the optimizer is
 * left alone.
 *
 * @throws {@link SparseError} `ERR_SPARSE_MODEL`, also when no point was kept
 * @see Frankle, Dziugaite, Roy & Carbin 2020, arXiv:1912.05671 (late rewinding)
 */
export function rewindWeights(model: LayersModel): void {
  checkModel('rewindWeights', model);
  const values = points.get(model);
  if (!values) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `rewindWeights: model "${model.name}" has no rewind point. Call keepRewindPoint(model) first.`,
      { expected: 'a rewind point', received: 'none' },
    );
  }
  writeWeights(model, values);
}
