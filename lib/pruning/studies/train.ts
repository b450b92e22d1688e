import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../../errors.ts';
import type { OpenData } from './data.ts';
import { evaluate, type Quality } from './evaluate.ts';
import type { StudyRun } from './study.ts';
import { setLearningRate } from './training-options.ts';

/** Where a training stands: `batch` batches of epoch `epoch` are done, `step` in all. */
export interface Position {
  epoch: number;
  batch: number;
  step: number;
}

/** Before the first step. */
export const beginning: Position = { epoch: 0, batch: 0, step: 0 };

/** A measurement on the way. */
export interface TrainingPoint extends Quality {
  /** Epochs begun, from 1. */ epoch: number;
  /** Optimizer steps done, from 1. */ step: number;
  /** Mean loss of the batches since the last point. */ trainingLoss: number;
}

/** One training, from anywhere to anywhere. */
export interface Training {
  /** Compiled. */ model: LayersModel;
  data: OpenData;
  validation: OpenData;
  batchSize: number;
  /** Of the order of the examples. */ orderSeed: number;
  /** Default: {@link beginning}. */ from?: Position;
  /** Epochs at its end; default: none, `steps` says. */ epochs?: number;
  /** Ends there, in the middle of an epoch too. */ steps?: number;
  /** By epoch, the last one for all that follow. */ learningRates?: readonly number[] | undefined;
  /** Steps between two points besides those at the ends of epochs. */ evaluateEvery?: number | undefined;
  /** Called before each step with the number of steps done. */ beforeStep?: (step: number) => void;
  /** How points are measured, given the steps done; default: once, on the validation data. */
  measure?: (step: number) => Promise<Quality>;
  /** Called after the steps and epochs that are listed. */ onSnapshot?: (at: Position) => void;
  /** Numbers of steps done. */ snapshotSteps?: readonly number[];
  /** Numbers of epochs done. */ snapshotEpochs?: readonly number[];
}

/** The rate of an epoch from 0, by a list whose last entry holds on. */
export function rateOf(rates: readonly number[], epoch: number): number {
  return rates[Math.min(epoch, rates.length - 1)]!;
}

/**
 * Trains batch by batch. The order of an epoch hangs on its number and `orderSeed` alone, so a training that begins
 * at step k sees the batches that one from the beginning sees after k.
 *
 * @returns where it ended; less than asked when the data were used up
 * @throws {@link SparseError} `ERR_SPARSE_ABORTED`, `ERR_SPARSE_ARGUMENT` when an epoch has no batch
 */
export async function* trainOn(run: StudyRun, training: Training): AsyncGenerator<TrainingPoint, Position> {
  const { model, data, batchSize, learningRates, onSnapshot } = training;
  const { epochs = Number.POSITIVE_INFINITY, steps = Number.POSITIVE_INFINITY } = training;
  let { epoch, batch, step } = training.from ?? beginning;
  let losses: number[] = [];
  const point = async (): Promise<TrainingPoint> => {
    const trainingLoss = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    losses = [];
    const quality = await (training.measure?.(step) ??
      evaluate(model, training.validation, () => run.check()));
    return { epoch: epoch + 1, step, trainingLoss, ...quality };
  };
  for (; epoch < epochs && step < steps; epoch++, batch = 0) {
    if (learningRates) setLearningRate(run.name, model.optimizer, rateOf(learningRates, epoch));
    const order = { epoch, seed: run.seedOf(training.orderSeed, 'epoch', epoch) };
    const begun = step;
    for await (const { xs, ys } of data.batches(order, batchSize, batch)) {
      run.check();
      training.beforeStep?.(step);
      const [loss] = [await model.trainOnBatch(xs, ys)].flat();
      losses.push(loss!);
      batch++;
      step++;
      if (training.snapshotSteps?.includes(step)) onSnapshot?.({ epoch, batch, step });
      if (step >= steps) break;
      if (training.evaluateEvery && step % training.evaluateEvery === 0) yield await point();
    }
    if (batch === 0) {
      throw new SparseError(
        'ERR_SPARSE_ARGUMENT',
        `${run.name}: data gave no batch in epoch ${epoch}. Give at least one batch in every epoch.`,
        { tensor: 'data', expected: 'a batch', received: 'none' },
      );
    }
    if (step > begun && losses.length > 0) yield await point();
    if (step >= steps) break;
    if (training.snapshotEpochs?.includes(epoch + 1)) onSnapshot?.({ epoch: epoch + 1, batch: 0, step });
  }
  return { epoch, batch, step };
}
