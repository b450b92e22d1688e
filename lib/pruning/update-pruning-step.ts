import type { CustomCallback, LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { findWrappers } from './find-wrappers.ts';
import { isFixed } from './fixed-masks.ts';
import { maskOptimizer } from './optimizer-masks.ts';
import { checkInteger, checkKeys } from './options.ts';
import { tfl } from './peers.ts';
import { checkSchedule } from './schedule-check.ts';
import { notStarted, type PruningWrapper } from './wrapper.ts';

/** What `fit` tells its callbacks; `steps` is per epoch. */
interface TrainingParams {
  epochs?: number | null;
  initialEpoch?: number | null;
  samples?: number | null;
  steps?: number | null;
  batchSize?: number | null;
}

/** Steps that this call of `fit` will take; `undefined` when the data set does not say how long it is. */
function plannedSteps({
  epochs,
  initialEpoch,
  samples,
  steps,
  batchSize,
}: TrainingParams): number | undefined {
  const perEpoch = steps ?? (samples && batchSize ? Math.ceil(samples / batchSize) : undefined);
  if (!perEpoch || !epochs || !Number.isFinite(perEpoch)) return undefined;
  return perEpoch * (epochs - (initialEpoch ?? 0));
}

class UpdatePruningStep extends tfl.CustomCallback {
  readonly #totalSteps: number | undefined;
  #model: LayersModel | undefined;
  #wrappers: PruningWrapper[] = [];

  constructor(totalSteps: number | undefined) {
    super({
      onTrainBegin: async () => this.#begin(),
      onEpochEnd: async () => {
        for (const wrapper of this.#wrappers) {
          if (wrapper.compat === 'tfmot') wrapper.applyMasks();
        }
      },
    });
    this.#totalSteps = totalSteps;
  }

  // For a Sequential this is the functional model inside it, with the same layers and the same optimizer.
  override setModel(model: LayersModel): void {
    this.#model = model;
  }

  #begin(): void {
    const model = this.#model!;
    this.#wrappers = findWrappers(model);
    const first = this.#wrappers[0];
    if (!first) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `updatePruningStep: model "${model.name}" has no pruned layer. Train the model that pruneLowMagnitude returned.`,
        { expected: 'a model from pruneLowMagnitude', received: model.name },
      );
    }
    const started = first.pruningStep !== notStarted;
    const before = started ? first.pruningStep : 0;
    for (const wrapper of this.#wrappers) {
      if (wrapper.compat !== 'tfmot') this.#check(wrapper, Math.max(wrapper.pruningStep, 0));
    }
    if (!started) {
      for (const wrapper of this.#wrappers) wrapper.pruningStep = before;
    }
    // Without an optimizer of the model's own, `afterStep` brings the loop's.
    if (model.optimizer && this.#wrappers.some((wrapper) => wrapper.compat !== 'tfmot'))
      maskOptimizer(model, model.optimizer);
  }

  #check(wrapper: PruningWrapper, done: number): void {
    // An N:M mask has one sparsity only, so any update applies it; it still needs one.
    if (wrapper.pruned.length === 0 || isFixed(wrapper.schedule)) return;
    // A loop that drives the callback by hand need not say how long it is.
    const params = (this.params ?? {}) as TrainingParams;
    const here = plannedSteps(params);
    if (this.#totalSteps !== undefined) {
      checkSchedule(wrapper.schedule, this.#totalSteps, `${this.#totalSteps} steps (totalSteps)`);
      return;
    }
    if (here === undefined) return;
    const epochs = (params.epochs ?? 0) - (params.initialEpoch ?? 0);
    const plan = `${done + here} steps (${done ? `${done} done, ` : ''}${epochs} epochs of ${here / epochs})`;
    checkSchedule(wrapper.schedule, done + here, plan);
  }
}

/**
 * The callback that `fit` needs to prune: starts the count of steps and, before the first one, refuses a schedule that
 * would prune nothing or never apply its final sparsity within the planned training. With compat 'tfmot' nothing is
 * refused, and weights are masked at each epoch's end, as TFMOT does.
 *
 * @param options - `totalSteps`: optimizer steps of the whole training, where it is spread over several calls of `fit`;
 *   default: those of this call and those before it
 * @throws {@link SparseError} in `fit`: `ERR_SPARSE_SCHEDULE`, `ERR_SPARSE_MODEL` for a model without pruned layers
 */
export function updatePruningStep(options: { totalSteps?: number } = {}): CustomCallback {
  checkKeys('updatePruningStep', options, ['totalSteps']);
  const { totalSteps } = options;
  if (totalSteps !== undefined) checkInteger('updatePruningStep: totalSteps', totalSteps, 1);
  return new UpdatePruningStep(totalSteps);
}
