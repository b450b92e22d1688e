import type { CustomCallback, LayersModel, ModelFitArgs } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { type Coordinator, notStarted } from './coordinator.ts';
import { checkDynamic } from './dynamic-check.ts';
import { coordinatorsOf, findWrappers } from './find-wrappers.ts';
import { isFixed } from './fixed-masks.ts';
import { maskOptimizer } from './optimizer-masks.ts';
import { checkInteger, checkKeys } from './options.ts';
import { tfl } from './peers.ts';
import { checkSchedule } from './schedule-check.ts';
import type { PruningWrapper } from './wrapper.ts';

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

/** Marks the callback: the ESM and the CommonJS build of this package may meet in one process. */
const brand = Symbol.for('tfjs-sparse.updatePruningStep');

class UpdatePruningStep extends tfl.CustomCallback {
  readonly [brand] = true;
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
        `updatePruningStep: model "${model.name}" has no pruned layer. Train the model that prune or pruneLowMagnitude returned.`,
        {
          expected: 'a model from prune, pruneLowMagnitude, dynamicSparsity or withMasks',
          received: model.name,
        },
      );
    }
    const started = first.pruningStep !== notStarted;
    const before = started ? first.pruningStep : 0;
    const coordinators = coordinatorsOf(model);
    for (const coordinator of coordinators) this.#check(coordinator);
    if (!started) {
      for (const wrapper of this.#wrappers) wrapper.pruningStep = before;
    }
    // Without an optimizer of the model's own, `afterStep` brings the loop's.
    if (model.optimizer && coordinators.length > 0) maskOptimizer(model, model.optimizer);
  }

  #check({ layers, weights, rule, step }: Coordinator): void {
    if (weights.length === 0) {
      const names = layers.map(({ name }) => name);
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `updatePruningStep: none of the wrapped layers ${names.join(', ')} has a prunable weight, so nothing would be pruned. ` +
          'Choose other layers by the policy; a custom layer names its weights by getPrunableWeights().',
        { layer: names[0]!, expected: 'a prunable weight', received: names },
      );
    }
    const done = Math.max(step, 0);
    // A loop that drives the callback by hand need not say how long it is.
    const params = (this.params ?? {}) as TrainingParams;
    const here = plannedSteps(params);
    const total = this.#totalSteps ?? (here === undefined ? undefined : done + here);
    if (total === undefined) return;
    const epochs = (params.epochs ?? 0) - (params.initialEpoch ?? 0);
    const split = `${done ? `${done} done, ` : ''}${epochs} epochs of ${(here ?? 0) / epochs}`;
    const plan = `${total} steps (${this.#totalSteps === undefined ? split : 'totalSteps'})`;
    if (rule.dynamic) checkDynamic(rule.dynamic, done, total, plan);
    else if (!isFixed(rule.schedule)) checkSchedule(rule.schedule, total, plan);
  }
}

/**
 * The callback that `fit` needs to prune: starts the count of steps and, before the first one, refuses a schedule that
 * would prune nothing or never apply its final sparsity within the planned training (of SET and RigL: one that would exchange
 * no connection). With compat 'tfmot' nothing is
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

type Callbacks = ModelFitArgs['callbacks'];

/** The callbacks of a call of `fit` with this one before them, unless it is among them. */
function withUpdatePruningStep<
  Args extends { callbacks?: Callbacks; yieldEvery?: ModelFitArgs['yieldEvery'] },
>(args: Args): Args {
  const given = [args.callbacks ?? []].flat() as (CustomCallback | object)[];
  if (given.some((callback) => brand in callback)) return args;
  // TF.js takes callbacks or their configurations, not both in one list.
  const callbacks = given.map((one) =>
    'setModel' in one ? (one as CustomCallback) : new tfl.CustomCallback(one, args.yieldEvery ?? 'auto'),
  );
  return { ...args, callbacks: [updatePruningStep(), ...callbacks] };
}

/** Makes `fit` and `fitDataset` of a pruned model check its schedule, also where nobody gave them the callback. */
export function checkScheduleOnFit(model: LayersModel): void {
  const { fit, fitDataset } = model;
  model.fit = async (x, y, args = {}) => fit.call(model, x, y, withUpdatePruningStep(args));
  model.fitDataset = async (dataset, args) =>
    fitDataset.call(model, dataset, withUpdatePruningStep(args)) as ReturnType<typeof model.fitDataset>;
}
