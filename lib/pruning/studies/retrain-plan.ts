import { SparseError } from '../../errors.ts';
import { checkInteger, checkOneOf } from '../options.ts';
import { rateOf } from './train.ts';

/** How a pruned network is trained again, each way as in the table of {@link retrainPlan}. */
export type RetrainMethod = 'fineTune' | 'rewindWeights' | 'rewindLearningRate';

/** All of them. */
export const retrainMethods = [
  'fineTune',
  'rewindWeights',
  'rewindLearningRate',
] as const satisfies readonly RetrainMethod[];

/** Where retraining starts, and its rates. */
export interface RetrainPlan {
  /** Epochs of the first training after which the weights are taken: T, or T − t. */ weightsFrom: number;
  /** Rates of the epochs e = 0 … t; the last one is where the schedule stands at the end. */
  learningRates: number[];
}

/**
 * The three ways to retrain for t epochs after a training of T epochs with rates S[0 … T]:
 *
 * | method | weights at the start | rate of epoch e |
 * | --- | --- | --- |
 * | fineTune | of the end | S[T] |
 * | rewindWeights | after T − t epochs | S[T − t + e] |
 * | rewindLearningRate | of the end | S[T − t + e] |
 *
 * @param rates - S, by epoch; the last entry holds on
 * @param epochs - T
 * @param retrainEpochs - t, at most T
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`
 * @see Renda, Frankle & Carbin 2020, arXiv:2003.02389
 */
export function retrainPlan(
  method: RetrainMethod,
  rates: readonly number[],
  epochs: number,
  retrainEpochs: number,
): RetrainPlan {
  checkOneOf('retrain: method', method, retrainMethods);
  checkInteger('retrain: epochs', epochs, 1);
  checkInteger('retrain: retrainEpochs', retrainEpochs, 0);
  if (retrainEpochs > epochs) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `retrain: retrainEpochs is ${retrainEpochs}, expected at most the ${epochs} epochs of the training.`,
      { tensor: 'retrainEpochs', expected: `at most ${epochs}`, received: retrainEpochs },
    );
  }
  const back = epochs - retrainEpochs;
  const begin = method === 'fineTune' ? epochs : back;
  const step = method === 'fineTune' ? 0 : 1;
  return {
    weightsFrom: method === 'rewindWeights' ? back : epochs,
    learningRates: Array.from({ length: retrainEpochs + 1 }, (_, e) => rateOf(rates, begin + step * e)),
  };
}
