import { assertSparsity } from '../assert-sparsity.ts';
import { checkFraction, checkInteger, checkOneOf } from '../options.ts';
import { pruneLowMagnitude } from '../prune-low-magnitude.ts';
import { checkSchedule } from '../schedule-check.ts';
import { constantSparsity, type PruningSchedule } from '../schedules.ts';
import { type SizeReport, sizeReport } from '../size-report.ts';
import type { Quality } from './evaluate.ts';
import type { WeightValues } from './model-weights.ts';
import {
  compiledCopy,
  defaultBatchSize,
  disposeCopy,
  type OpenTraining,
  openTraining,
} from './open-training.ts';
import type { TrainingPoint } from './train.ts';
import { type TrainedUnit, trainUnit } from './train-unit.ts';
import { checkTraining, type TrainingOptions } from './training-options.ts';

/** What {@link pruningRecipe} takes. `epochs` are those of the dense network; recipe `fromStart` prunes in as many. */
export interface PruningRecipeOptions extends TrainingOptions {
  /** Prune a trained network and fine-tune it, or prune from the start while it trains. */
  recipe: 'trained' | 'fromStart';
  /** Fraction of zeros of every prunable weight, in [0, 1). */ sparsity: number;
  /** Epochs of recipe `trained` after the first training; default 2. */ pruneEpochs?: number;
  /** Rates of the pruning epochs of recipe `trained`; default: what `compile` gives. */ pruneRates?: readonly number[];
  /**
   * When masks are chosen, and how sparse; default: constant at `sparsity` from the start, chosen again every 100 steps, or
   * four times an epoch where an epoch is shorter than that.
   */
  schedule?: PruningSchedule;
}

/** A measurement while the network trains. */
export interface RecipePoint extends TrainingPoint {
  /** Tells it from the other records. */ type: 'point';
  /** The training before pruning, or the one that prunes. */ stage: 'dense' | 'pruned';
}

/** The network after a stage. */
export interface RecipeResult extends Quality {
  /** Tells it from the other records. */ type: 'result';
  /** Trained and dense, or pruned. */ stage: 'dense' | 'pruned';
  /** Bytes and parameters, without wrappers. */ size: SizeReport;
  /** Trained values. */ trained: WeightValues;
}

/** What {@link pruningRecipe} reports. */
export type PruningRecipeRecord = RecipePoint | RecipeResult;

const name = 'pruningRecipe';

function checkOptions(options: PruningRecipeOptions): void {
  checkTraining(name, options, ['recipe', 'sparsity', 'pruneEpochs', 'pruneRates', 'schedule']);
  checkOneOf(`${name}: recipe`, options.recipe, ['trained', 'fromStart']);
  checkFraction(`${name}: sparsity`, options.sparsity, true);
  if (options.pruneEpochs !== undefined) checkInteger(`${name}: pruneEpochs`, options.pruneEpochs, 1);
}

function scheduleOf(open: OpenTraining, options: PruningRecipeOptions, epochs: number): PruningSchedule {
  const { examples } = open.data;
  const { sparsity, batchSize = defaultBatchSize } = options;
  const perEpoch = examples === undefined ? undefined : Math.ceil(examples / batchSize);
  const frequency = Math.max(1, Math.min(100, Math.floor((perEpoch ?? 4) / 4)));
  const schedule =
    options.schedule ?? constantSparsity({ targetSparsity: sparsity, beginStep: 0, frequency });
  if (perEpoch !== undefined) {
    checkSchedule(
      schedule,
      epochs * perEpoch,
      `${epochs * perEpoch} steps (${epochs} epochs of ${perEpoch})`,
    );
  }
  return schedule;
}

/** Sizes of the plain network, its zeros checked. */
async function sizeOf(open: OpenTraining, trained: WeightValues, sparsity: number): Promise<SizeReport> {
  const model = compiledCopy(open, trained);
  try {
    if (sparsity > 0) assertSparsity(model, sparsity);
    return await sizeReport(model);
  } finally {
    disposeCopy(model);
  }
}

async function result(
  open: OpenTraining,
  stage: 'dense' | 'pruned',
  { weights, last }: TrainedUnit,
  sparsity: number,
): Promise<RecipeResult> {
  const { loss, accuracy } = last!;
  const size = await open.run.once(`${stage}-size`, () => sizeOf(open, weights, sparsity));
  return { type: 'result', stage, loss, ...(accuracy !== undefined && { accuracy }), size, trained: weights };
}

/**
 * The two recipes of Sayak Paul's article: `trained` trains the dense network, then prunes it while it is trained on;
 * `fromStart` prunes from the given weights on while they are trained, beside the dense network trained as long.
 *
 * @returns records as the work goes on: points, then the result of the dense and of the pruned network
 * @throws {@link SparseError} while iterating: `ERR_SPARSE_SCHEDULE` when nothing would be pruned or the last sparsity never
 *   reached, `ERR_SPARSE_SPARSITY` when an own schedule ends at another one, `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`,
 *   `ERR_SPARSE_MODEL`, `ERR_SPARSE_SHAPE`, `ERR_SPARSE_FILE`, `ERR_SPARSE_ABORTED`
 */
export async function* pruningRecipe(
  options: PruningRecipeOptions,
): AsyncGenerator<PruningRecipeRecord, void> {
  checkOptions(options);
  const { recipe, sparsity, epochs, pruneEpochs = 2, pruneRates, schedule } = options;
  const own = { recipe, sparsity, pruneEpochs, pruneRates, schedule: schedule?.getConfig() };
  const open = await openTraining(name, options, own);
  try {
    const afterwards = recipe === 'trained';
    const pruningSchedule = scheduleOf(open, options, afterwards ? pruneEpochs : epochs);
    const dense = yield* trainUnit(open, 'dense', { type: 'point', stage: 'dense' } as const, {
      ...{ start: open.initial, epochs, orderSeed: 0 },
    });
    yield await result(open, 'dense', dense, 0);
    const pruned = yield* trainUnit(open, 'pruned', { type: 'point', stage: 'pruned' } as const, {
      start: afterwards ? dense.weights : open.initial,
      masks: (model) => pruneLowMagnitude(model, { pruningSchedule }),
      epochs: afterwards ? pruneEpochs : epochs,
      orderSeed: afterwards ? 1 : 0,
      ...(afterwards && { learningRates: pruneRates }),
    });
    yield await result(open, 'pruned', pruned, sparsity);
  } finally {
    open.dispose();
  }
}
