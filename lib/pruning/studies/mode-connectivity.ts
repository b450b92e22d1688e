import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError, shown } from '../../errors.ts';
import { errorBarrier, interpolateWeights, interpolationAlphas, stableBelow } from '../error-barrier.ts';
import { checkInteger, checkOneOf } from '../options.ts';
import { recomputeStatistics } from './batch-statistics.ts';
import { accuracyIndex, evaluate } from './evaluate.ts';
import { type WeightValues, writeWeights } from './model-weights.ts';
import {
  compiledCopy,
  disposeCopy,
  type Masks,
  type OpenTraining,
  openTraining,
  type Snapshot,
} from './open-training.ts';
import { beginning, type TrainingPoint } from './train.ts';
import { trainUnit } from './train-unit.ts';
import { checkTraining, type TrainingOptions } from './training-options.ts';

/** What {@link linearModeConnectivity} takes. */
export interface ModeConnectivityOptions extends TrainingOptions {
  /** Steps after which copies are made, each an analysis of its own; 0: of the given model. */
  splitSteps: readonly number[];
  /** Copies, each trained to the end on its own order of the data; every two of them are compared. Default 2. */
  copies?: number;
  /** Evenly spaced points on the line between two copies, ends included; default 30. */ alphas?: number;
  /** Masks of a subnetwork to analyse; default: the dense network. */ masks?: Masks;
  /**
   * Running means and variances of batch normalisation between two copies: interpolated like weights (default), or
   * computed anew from one pass over the training data at every point.
   */
  batchNorm?: 'interpolate' | 'recompute';
}

/** A measurement while the trunk or a copy trains. */
export interface ModePoint extends TrainingPoint {
  /** Tells it from the other records. */ type: 'point';
  /** Where the copy was made; `undefined` for the trunk. */ splitStep?: number;
  /** From 0. */ copy?: number;
}

/** The line between two copies. */
export interface ModePath {
  /** Tells it from the other records. */ type: 'path';
  /** Step of the trunk after which the copies were made. */ splitStep: number;
  /** The copies, from 0. */ pair: [first: number, second: number];
  /** W(alpha) = alpha · first + (1 − alpha) · second. */ alphas: number[];
  /** Error at each alpha: 1 − accuracy on the validation data. */ errors: number[];
  /** Highest error on the line. */ highest: number;
  /** Mean error of the two copies. */ mean: number;
  /** Height of the barrier: highest − mean. */ instability: number;
}

/** All pairs of one split. */
export interface ModeInstability {
  /** Tells it from the other records. */ type: 'instability';
  /** Step of the trunk after which the copies were made. */ splitStep: number;
  /** Mean over the pairs. */ instability: number;
  /** Whether it is below 2 %. */ stable: boolean;
  /** Mean accuracy of the copies. */ accuracy: number;
  /** What was done with running statistics between two copies; as the option of that name. */
  batchNorm: 'interpolate' | 'recompute';
}

/** What {@link linearModeConnectivity} reports. */
export type ModeConnectivityRecord = ModePoint | ModePath | ModeInstability;

const name = 'linearModeConnectivity';
const trunkOrder = 0;

function checkOptions(options: ModeConnectivityOptions): void {
  checkTraining(name, options, ['splitSteps', 'copies', 'alphas', 'masks', 'batchNorm']);
  const { splitSteps, copies, alphas, batchNorm } = options;
  if (!Array.isArray(splitSteps) || splitSteps.length === 0) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${name}: splitSteps is ${shown(splitSteps)}, expected a list of steps, e.g. [0, 500].`,
      { tensor: 'splitSteps', expected: 'a list of integers', received: splitSteps },
    );
  }
  for (const step of splitSteps) checkInteger(`${name}: splitSteps`, step, 0);
  if (copies !== undefined) checkInteger(`${name}: copies`, copies, 2);
  if (alphas !== undefined) checkInteger(`${name}: alphas`, alphas, 2);
  if (batchNorm !== undefined) checkOneOf(`${name}: batchNorm`, batchNorm, ['interpolate', 'recompute']);
}

/** The networks that copies are made of, by step. */
async function* trainTrunk(
  open: OpenTraining,
  options: ModeConnectivityOptions,
): AsyncGenerator<ModePoint, ReadonlyMap<number, Snapshot>> {
  const { splitSteps, masks, epochs } = options;
  const splits = new Map<number, Snapshot>([[0, { weights: open.initial, position: beginning }]]);
  const last = Math.max(...splitSteps);
  if (last === 0) return splits;
  const trunk = yield* trainUnit(open, 'trunk', { type: 'point' } as const, {
    ...{ start: open.initial, masks, epochs, steps: last, orderSeed: trunkOrder, snapshotSteps: splitSteps },
  });
  if (trunk.position.step < last) refuseSplit(last, trunk.position.step);
  return new Map([...splits, ...trunk.snapshots]);
}

function refuseSplit(step: number, steps: number): never {
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `${name}: splitSteps has ${step}, but the training has ${steps} steps. Split earlier or train longer.`,
    { tensor: 'splitSteps', expected: `below ${steps}`, received: step },
  );
}

/** Errors along the line between two copies. */
async function errorsBetween(
  open: OpenTraining,
  options: ModeConnectivityOptions,
  model: LayersModel,
  first: WeightValues,
  second: WeightValues,
): Promise<{ alphas: number[]; errors: number[] }> {
  const alphas = interpolationAlphas(options.alphas);
  const errors: number[] = [];
  for (const alpha of alphas) {
    writeWeights(
      model,
      new Map([...first].map(([key, w]) => [key, interpolateWeights(w, second.get(key)!, alpha)])),
    );
    if (options.batchNorm === 'recompute') await recomputeStatistics(open, model);
    const { accuracy } = await evaluate(model, open.validation, () => open.run.check());
    errors.push(1 - accuracy!);
  }
  return { alphas, errors };
}

function comparePair(
  open: OpenTraining,
  options: ModeConnectivityOptions,
  splitStep: number,
  copies: readonly WeightValues[],
  pair: [number, number],
): Promise<ModePath> {
  return open.run.once(`split-${splitStep}-pair-${pair.join('-')}`, async () => {
    const [first, second] = [copies[pair[0]]!, copies[pair[1]]!];
    const model = compiledCopy(open, first, options.masks);
    try {
      const { alphas, errors } = await errorsBetween(open, options, model, first, second);
      const { highest, mean, instability } = errorBarrier(errors);
      return { type: 'path', splitStep, pair, alphas, errors, highest, mean, instability };
    } finally {
      disposeCopy(model);
    }
  });
}

/** A model without an accuracy has no error to follow. */
function checkAccuracy(open: OpenTraining): void {
  const model = compiledCopy(open, open.initial);
  const has = accuracyIndex(model) >= 0;
  disposeCopy(model);
  if (has) return;
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `${name}: compile sets no accuracy metric, expected metrics: ['accuracy']: errors are 1 - accuracy.`,
    { tensor: 'compile', expected: "metrics: ['accuracy']", received: 'no accuracy' },
  );
}

/**
 * Instability analysis: trains to each split step, trains copies of that network to the end on different orders of the data,
 * and follows the error on the straight line between every two of them. An optimizer starts anew at the split, in all
 * copies alike. Batch normalisation as `batchNorm` says; its records say it too.
 *
 * @returns records as the work goes on: points, a path for each pair, the instability of each split
 * @throws {@link SparseError} while iterating: `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL`,
 *   `ERR_SPARSE_SHAPE`, `ERR_SPARSE_FILE`, `ERR_SPARSE_ABORTED`
 * @see Frankle et al. 2020, arXiv:1912.05671, section 2
 */
export async function* linearModeConnectivity(
  options: ModeConnectivityOptions,
): AsyncGenerator<ModeConnectivityRecord, void> {
  checkOptions(options);
  const { splitSteps, copies = 2, alphas = 30, masks, batchNorm = 'interpolate', epochs } = options;
  const kept = masks && [...masks].map(([key, mask]) => [key, Buffer.from(mask).toString('base64')]);
  const open = await openTraining(name, options, { splitSteps, copies, alphas, batchNorm, masks: kept });
  try {
    checkAccuracy(open);
    const splits = yield* trainTrunk(open, options);
    for (const splitStep of splitSteps) {
      const split = splits.get(splitStep)!;
      const trained: WeightValues[] = [];
      for (let copy = 0; copy < copies; copy++) {
        const label = { type: 'point', splitStep, copy } as const;
        const done = yield* trainUnit(open, `split-${splitStep}-copy-${copy}`, label, {
          ...{ start: split.weights, masks, from: split.position, epochs, orderSeed: trunkOrder + 1 + copy },
        });
        if (done.last === undefined) refuseSplit(splitStep, done.position.step);
        trained.push(done.weights);
      }
      const paths: ModePath[] = [];
      for (let first = 0; first < copies; first++) {
        for (let second = first + 1; second < copies; second++) {
          const path = await comparePair(open, options, splitStep, trained, [first, second]);
          yield path;
          paths.push(path);
        }
      }
      const mean = (of: (path: ModePath) => number) =>
        paths.reduce((sum, path) => sum + of(path), 0) / paths.length;
      const instability = mean((path) => path.instability);
      const accuracy = 1 - mean((path) => path.mean);
      yield {
        type: 'instability',
        splitStep,
        instability,
        stable: instability < stableBelow,
        accuracy,
        batchNorm,
      };
    }
  } finally {
    open.dispose();
  }
}
