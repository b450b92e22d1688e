import type { Optimizer } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError, shown } from '../../errors.ts';
import { isRecord } from '../../io/is-record.ts';
import { findWrappers } from '../find-wrappers.ts';
import { checkInteger, checkKeys } from '../options.ts';
import { checkModel } from '../rebuild-model.ts';
import type { StudyData } from './data.ts';
import { type StudyOptions, studyOptionNames } from './study.ts';

/** What every study that trains takes. */
export interface TrainingOptions extends StudyOptions {
  /** Its weights are where training starts. One input, one output; left as it was. Name its layers to resume by `folder`. */
  model: LayersModel;
  /**
   * Compiles each copy of the model before it is trained: `(model) => model.compile({ optimizer: tf.train.adam(), loss,
   * metrics: ['accuracy'] })`. The optimizer must be a new one each time.
   */
  compile: (model: LayersModel) => void;
  /** To train on. */ data: StudyData;
  /** To measure loss and accuracy on. */ validation: StudyData;
  /** Passes over the data. */ epochs: number;
  /** Examples of a batch of data in memory; default 128. */ batchSize?: number;
  /** Learning rate of each epoch, the last one for all that follow; default: what `compile` gave the optimizer. */
  learningRates?: readonly number[];
  /** Also measure after every so many steps; default: after each epoch only. */ evaluateEvery?: number;
}

/** Names of {@link TrainingOptions}, for checking keys. */
export const trainingOptionNames = [
  ...studyOptionNames,
  'model',
  'compile',
  'data',
  'validation',
  'epochs',
  'batchSize',
  'learningRates',
  'evaluateEvery',
] as const;

/**
 * Checks what every training study takes.
 *
 * @param more - names of the study's own options
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_OPTION`, `ERR_SPARSE_MODEL`
 */
export function checkTraining(what: string, options: TrainingOptions, more: readonly string[]): void {
  checkKeys(what, options, [...trainingOptionNames, ...more]);
  const { model, compile, epochs, batchSize, learningRates, evaluateEvery } = options;
  checkModel(what, model);
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    const received = `${model.inputs.length} inputs and ${model.outputs.length} outputs`;
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${what}: model "${model.name}" has ${received}, expected one of each. Make a model of one input and one output.`,
      { expected: 'one input, one output', received },
    );
  }
  const [wrapper] = findWrappers(model);
  if (wrapper) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${what}: layer "${wrapper.name}" is wrapped for training. Call stripPruning first.`,
      { layer: wrapper.name, expected: 'a model without pruning', received: wrapper.getClassName() },
    );
  }
  if (typeof compile !== 'function') {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: compile is ${shown(compile)}, expected a function that calls model.compile with a new optimizer.`,
      { tensor: 'compile', expected: 'function', received: compile },
    );
  }
  checkInteger(`${what}: epochs`, epochs, 1);
  if (batchSize !== undefined) checkInteger(`${what}: batchSize`, batchSize, 1);
  if (evaluateEvery !== undefined) checkInteger(`${what}: evaluateEvery`, evaluateEvery, 1);
  if (learningRates !== undefined) checkRates(what, learningRates);
}

function checkRates(what: string, rates: unknown): void {
  const good = Array.isArray(rates) && rates.length > 0 && rates.every((r) => Number.isFinite(r) && r >= 0);
  if (good) return;
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `${what}: learningRates is ${shown(rates)}, expected at least one number, none negative: one for each epoch.`,
    { tensor: 'learningRates', expected: 'a list of numbers', received: rates },
  );
}

/**
 * Compiles a model and gives its optimizer, which no earlier model of this process may have used: its moments would
 * go on from there.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`
 */
export function compileAnew(
  what: string,
  model: LayersModel,
  compile: TrainingOptions['compile'],
): Optimizer {
  compile(model);
  const { optimizer } = model;
  if (!isRecord(optimizer) || used.has(optimizer)) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: compile ${optimizer ? 'gave an optimizer that was used before' : 'left the model without an optimizer'}. ` +
        'Let it call model.compile with an optimizer that it makes each time.',
      { tensor: 'compile', expected: 'a new optimizer', received: optimizer ? 'a used one' : 'none' },
    );
  }
  used.add(optimizer);
  return optimizer;
}

const used = new WeakSet<Optimizer>();

/**
 * Sets the rate of an optimizer for the steps that follow.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for one that has none to set
 */
export function setLearningRate(what: string, optimizer: Optimizer, rate: number): void {
  const open = optimizer as unknown as { learningRate?: unknown; setLearningRate?: (rate: number) => void };
  // SGD and Momentum keep the rate in a tensor as well; the others read the field at every step.
  if (typeof open.setLearningRate === 'function') open.setLearningRate(rate);
  else if (typeof open.learningRate === 'number') open.learningRate = rate;
  else {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: learningRates are given, but ${optimizer.getClassName()} has no learning rate. Take one of TF.js's optimizers.`,
      { tensor: 'learningRates', expected: 'an optimizer with a rate', received: optimizer.getClassName() },
    );
  }
}
