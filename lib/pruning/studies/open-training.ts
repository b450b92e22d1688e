import { createHash } from 'node:crypto';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Mask } from '../../sparse/structure.ts';
import { stripPruning } from '../strip.ts';
import { withMasks } from '../with-masks.ts';
import { type OpenData, openData } from './data.ts';
import { evaluate, type Quality } from './evaluate.ts';
import { readWeights, type WeightValues, writeWeights } from './model-weights.ts';
import { StudyRun } from './study.ts';
import type { StudyIdentity } from './study-folder.ts';
import { type Position, type Training, type TrainingPoint, trainOn } from './train.ts';
import { compileAnew, type TrainingOptions } from './training-options.ts';

/** Masks by `layer/weight`. */
export type Masks = ReadonlyMap<string, Mask>;

/** Masks that prune nothing. */
export function allKept(weights: readonly { key: string; shape: readonly number[] }[]): Masks {
  const size = (shape: readonly number[]) => shape.reduce((product, axis) => product * axis, 1);
  return new Map(weights.map(({ key, shape }) => [key, new Uint8Array(size(shape)).fill(1)]));
}

/** Examples of a batch of data in memory, unless a study says otherwise. */
export const defaultBatchSize = 128;

/** A study's run with its model and data at hand. */
export interface OpenTraining {
  readonly run: StudyRun;
  readonly options: TrainingOptions;
  readonly data: OpenData;
  readonly validation: OpenData;
  /** The given model's weights. */ readonly initial: WeightValues;
  dispose(): void;
}

/** A model as far as a folder is concerned: what it is made of, and its weights. Its own name, often a number, is not. */
export function fingerprint(model: LayersModel, weights: WeightValues): string {
  const topology = model.toJSON(null, false) as { config?: { name?: string } };
  const text = JSON.stringify({ ...topology, config: { ...topology.config, name: undefined } });
  const hash = createHash('sha256').update(text);
  for (const [key, values] of weights) hash.update(key).update(new Uint8Array(values.buffer));
  return hash.digest('hex');
}

/**
 * Opens what a study that trains works with; `dispose` when it ends. The options were checked before.
 *
 * @param own - the study's own options, as plain JSON data: a folder is compared by them
 */
export async function openTraining(
  name: string,
  options: TrainingOptions,
  own: StudyIdentity,
): Promise<OpenTraining> {
  const data = openData(`${name}: data`, options.data);
  let validation: OpenData | undefined;
  try {
    const tested = openData(`${name}: validation`, options.validation);
    validation = tested;
    const initial = readWeights(options.model);
    const { epochs, batchSize = defaultBatchSize, learningRates, evaluateEvery } = options;
    const run = await StudyRun.open(name, options, () => ({
      model: fingerprint(options.model, initial),
      data: data.fingerprint(),
      validation: tested.fingerprint(),
      ...{ epochs, batchSize, learningRates, evaluateEvery },
      ...own,
    }));
    return {
      ...{ run, options, data, validation: tested, initial },
      dispose() {
        data.dispose();
        tested.dispose();
      },
    };
  } catch (error) {
    data.dispose();
    validation?.dispose();
    throw error;
  }
}

/** Frees a compiled copy, its optimizer's slots too. */
export function disposeCopy(model: LayersModel): void {
  const { optimizer } = model;
  // TF.js disposes those that it made itself out of a name.
  const { isOptimizerOwned } = model as unknown as { isOptimizerOwned?: boolean };
  model.dispose();
  if (optimizer && !isOptimizerOwned) optimizer.dispose();
}

/** A copy of a model that prunes itself while it trains. */
export type Wrap = (model: LayersModel) => LayersModel;

/** A compiled copy of the study's model with these weights: dense, with masked weights zero and kept so, or wrapped. */
export function compiledCopy(open: OpenTraining, weights: WeightValues, pruned?: Masks | Wrap): LayersModel {
  const { model, compile } = open.options;
  const wrap: Wrap = typeof pruned === 'function' ? pruned : (given) => withMasks(given, pruned!);
  const copy = pruned ? wrap(model) : stripPruning(model);
  try {
    writeWeights(copy, weights);
    compileAnew(open.run.name, copy, compile);
    return copy;
  } catch (error) {
    disposeCopy(copy);
    throw error;
  }
}

/** One training of a copy of the study's model. */
export interface Stretch
  extends Omit<Training, 'model' | 'data' | 'validation' | 'batchSize' | 'onSnapshot'> {
  /** Where it starts. */ start: WeightValues;
  /** Default: dense. */ masks?: Masks | Wrap | undefined;
}

/** Weights at some step of a training. */
export interface Snapshot {
  weights: WeightValues;
  position: Position;
}

/** What a training ends with. */
export interface Trained extends Snapshot {
  /** By the steps that were asked for and reached. */ snapshots: ReadonlyMap<number, Snapshot>;
}

/** Trains a copy of the study's model; yields points on the way. */
export async function* trainCopy(
  open: OpenTraining,
  stretch: Stretch,
): AsyncGenerator<TrainingPoint, Trained> {
  const { start, masks, ...rest } = stretch;
  const { batchSize = defaultBatchSize, learningRates, evaluateEvery } = open.options;
  const model = compiledCopy(open, start, masks);
  const snapshots = new Map<number, Snapshot>();
  try {
    const position = yield* trainOn(open.run, {
      ...{ model, data: open.data, validation: open.validation, batchSize, learningRates, evaluateEvery },
      ...rest,
      onSnapshot: (at) => snapshots.set(at.step, { weights: readWeights(model), position: at }),
    });
    return { weights: readWeights(model), position, snapshots };
  } finally {
    disposeCopy(model);
  }
}

/** Measures the study's model with these weights. */
export async function measureCopy(
  open: OpenTraining,
  weights: WeightValues,
  masks?: Masks,
): Promise<Quality> {
  const model = compiledCopy(open, weights, masks);
  try {
    return await evaluate(model, open.validation, () => open.run.check());
  } finally {
    disposeCopy(model);
  }
}
