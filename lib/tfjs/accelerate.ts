import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { describeType } from '../native/check.ts';
import { type ReadSessionOptions, readSessionOptions, type SessionOptions } from '../session/options.ts';
import { accelerateGraph } from './graph-nodes.ts';
import { type AcceleratedStep, isRefusal } from './native-path.ts';
import type { Rung } from './rung.ts';
import { accelerateLayers } from './single-layers.ts';
import { accelerateStrayWeights } from './stray-weights.ts';
import { isGraphModel, isLayersModel } from './tf-types.ts';
import { accelerateWhole } from './whole-model.ts';

/** Options of {@link accelerate}. */
export interface AccelerateOptions {
  /**
   * 'auto' (default): whatever is fastest. 'always': natively wherever possible, sparse wherever a weight has a zero.
   * 'never': natively on dense weights, where that is faster.
   */
  sparse?: SessionOptions['sparse'];
  /** Threads of one native run; default 1. */
  threads?: number;
}

/** What {@link accelerate} gives back. */
export interface Acceleration {
  /** Puts the model (and TF.js's kernels, where they were replaced) back as it was. A second call does nothing. */
  restore(): void;
  /** What of the model runs natively, and how many calls each side served; after `restore` as it was at the end. */
  describe(): AcceleratedStep[];
}

const accelerated = new WeakSet<object>();

/**
 * Makes a model that stays in TF.js faster: it is called as before and gives the same results (within float32 rounding),
 * and what can run natively and is faster so, does. Three ways, best first: a LayersModel that compiles as a whole runs
 * by a session behind its own `predict`; else single layers do, behind their own `call` (in a GraphModel: nodes); else
 * matrices are recognised in TF.js's kernels.
 *
 * TF.js still serves: gradients and training; inputs with NaN or infinities (an exact zero would hide them); int32 and
 * bool inputs; shapes that do not fit, with its own error; and the first call after a change of the weights, so that
 * nothing stale is ever served. With `sparse: 'auto'` it also serves what it is faster at: where that is not plain, the
 * first calls of each batch size take turns and are timed.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT` for what is no model, `ERR_SPARSE_MODEL` for one that is not built or
 *   was disposed, `ERR_SPARSE_ACCELERATED` for one that is accelerated already, `ERR_SPARSE_OPTION`
 * @example
 * const acceleration = accelerate(model);
 * const y = model.predict(x);
 * acceleration.restore();
 */
export function accelerate(model: LayersModel | GraphModel, options?: AccelerateOptions): Acceleration {
  const read = readSessionOptions('accelerate', options, ['sparse', 'threads']);
  if (!isLayersModel(model) && !isGraphModel(model)) throw notAModel(model);
  if (accelerated.has(model)) {
    throw new SparseError(
      'ERR_SPARSE_ACCELERATED',
      'accelerate: the model is accelerated already. Call restore() of what the first call gave back, then accelerate it again.',
      { tensor: 'model', expected: 'a model as TensorFlow.js made it', received: 'an accelerated one' },
    );
  }
  const rungs = isLayersModel(model) ? layersRungs(model, read) : [accelerateGraph(model, read)];
  accelerated.add(model);
  let isOn = true;
  return {
    describe: () => rungs.flatMap((rung) => rung.describe()),
    restore() {
      if (!isOn) return;
      isOn = false;
      for (const rung of rungs) rung.restore();
      accelerated.delete(model);
    },
  };
}

function layersRungs(model: LayersModel, options: ReadSessionOptions): Rung[] {
  checkBuilt(model);
  try {
    return [accelerateWhole(model, options)];
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  const layers = accelerateLayers(model, options);
  return [layers, accelerateStrayWeights(model, layers.layers, options)];
}

function checkBuilt(model: LayersModel): void {
  // A Sequential model calls itself built only after its first call, and has its weights before.
  if (!(model.outputs?.length > 0)) throw unusable(model, 'is not built', 'a model without layers');
  const isDisposed = model.weights.some(
    (weight) => (weight as unknown as { val: { isDisposed: boolean } }).val.isDisposed,
  );
  if (isDisposed) throw unusable(model, 'was disposed', 'a disposed model');
}

function unusable({ name }: LayersModel, what: string, received: string): SparseError {
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `accelerate: model "${name}" ${what}. Give its first layer an inputShape (or call it once), and accelerate it before dispose().`,
    { tensor: 'model', expected: 'a built model', received },
  );
}

function notAModel(model: unknown): SparseError {
  const received = describeType(model);
  return new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `accelerate: model is ${received}, expected a LayersModel or a GraphModel. Await tf.loadLayersModel before you pass its result.`,
    { tensor: 'model', expected: 'LayersModel or GraphModel', received },
  );
}
