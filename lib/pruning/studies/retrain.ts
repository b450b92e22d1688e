import { SparseError } from '../../errors.ts';
import type { Quality } from './evaluate.ts';
import { chosenWeights, countMasks, levelMasks, type MaskedCount } from './level-masks.ts';
import type { WeightValues } from './model-weights.ts';
import { allKept, type Masks, measureCopy, openTraining } from './open-training.ts';
import { checkPruning, type PruningOptions, pruningIdentity } from './pruning-options.ts';
import { type RetrainMethod, retrainPlan } from './retrain-plan.ts';
import { beginning, type TrainingPoint } from './train.ts';
import { trainUnit } from './train-unit.ts';
import type { TrainingOptions } from './training-options.ts';

/** What {@link retrain} takes. */
export interface RetrainOptions extends TrainingOptions, PruningOptions {
  /** How to train again after pruning. Calls with other methods may share a folder: they share the first training. */
  method: RetrainMethod;
  /** Epochs after each round of pruning, at most `epochs`; default: all of them. */ retrainEpochs?: number;
}

/** A measurement while the network trains. */
export interface RetrainPoint extends TrainingPoint {
  /** Tells it from the other records. */ type: 'point';
  /** 0: the first training; from 1: after that round's pruning. */ round: number;
}

/** The network after a stage. */
export interface RetrainResult extends Quality {
  /** Tells it from the other records. */ type: 'result';
  /** Trained and dense, just pruned, or trained again. */ stage: 'dense' | 'pruned' | 'retrained';
  /** 0 for the dense network. */ round: number;
  /** Fraction of zeros in the prunable weights. */ sparsity: number;
  /** By `layer/weight`. */ weights: Record<string, MaskedCount>;
  /** By `layer/weight`, 1 = keep; of the dense network all ones. */ masks: Masks;
  /** Present values; just after pruning: the trained ones under the masks. */ trained: WeightValues;
}

/** What {@link retrain} reports. */
export type RetrainRecord = RetrainPoint | RetrainResult;

const name = 'retrain';

function checkOptions(options: RetrainOptions): void {
  checkPruning(name, options, ['method', 'retrainEpochs']);
  const { method, learningRates, epochs, retrainEpochs = epochs } = options;
  retrainPlan(method, [0], epochs, retrainEpochs);
  if (method === 'rewindLearningRate' && learningRates === undefined) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${name}: method rewindLearningRate needs learningRates, received none. Give the rate of each epoch.`,
      { tensor: 'learningRates', expected: 'a list of rates', received: undefined },
    );
  }
}

const withAccuracy = ({ loss, accuracy }: Quality): Quality => ({
  loss,
  ...(accuracy !== undefined && { accuracy }),
});

/**
 * Trains, prunes by the trained weights, and trains again by one of three methods, as many rounds as asked. Retraining
 * sees the batches of the last `retrainEpochs` epochs of the training and starts with a new optimizer.
 *
 * @returns records as the work goes on: points while the network trains, a result after each stage
 * @throws {@link SparseError} while iterating: `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL`,
 *   `ERR_SPARSE_SHAPE`, `ERR_SPARSE_FILE`, `ERR_SPARSE_ABORTED`
 * @see Renda, Frankle & Carbin 2020, arXiv:2003.02389
 */
export async function* retrain(options: RetrainOptions): AsyncGenerator<RetrainRecord, void> {
  checkOptions(options);
  const { method, epochs, retrainEpochs = epochs, rounds = 1, learningRates } = options;
  const plan = retrainPlan(method, learningRates ?? [0], epochs, retrainEpochs);
  const open = await openTraining(name, options, { ...pruningIdentity(options), retrainEpochs });
  try {
    const back = epochs - retrainEpochs;
    const first = yield* trainUnit(open, 'dense', { type: 'point', round: 0 } as const, {
      ...{ start: open.initial, epochs, orderSeed: 0, snapshotEpochs: [back] },
    });
    const rewound = [...first.snapshots.values()][0] ?? { weights: open.initial, position: beginning };
    let masks = allKept(chosenWeights(open, options));
    let trained = first.weights;
    const dense = withAccuracy(first.last!);
    yield { type: 'result', stage: 'dense', round: 0, ...dense, ...countMasks(masks), masks, trained };
    for (let round = 1; round <= rounds; round++) {
      masks = levelMasks(open, options, { trained, initial: open.initial, previous: masks, level: round });
      const counts = countMasks(masks);
      const measure = (): Promise<Quality> => measureCopy(open, trained, masks);
      const quality = await open.run.once(`${method}-${round}-pruned`, measure);
      yield { type: 'result', stage: 'pruned', round, ...withAccuracy(quality), ...counts, masks, trained };
      if (retrainEpochs === 0) continue;
      const again = yield* trainUnit(open, `${method}-${round}`, { type: 'point', round } as const, {
        start: method === 'rewindWeights' ? rewound.weights : trained,
        ...{ masks, epochs, from: rewound.position, orderSeed: 0 },
        // The rates are those of the epochs from `back` on.
        learningRates: learningRates && [...learningRatesBefore(back), ...plan.learningRates],
      });
      trained = again.weights;
      const result = withAccuracy(again.last!);
      yield { type: 'result', stage: 'retrained', round, ...result, ...counts, masks, trained };
    }
  } finally {
    open.dispose();
  }
}

/** Places of epochs that retraining leaves out; never read. */
function learningRatesBefore(epochs: number): number[] {
  return new Array<number>(epochs).fill(0);
}
