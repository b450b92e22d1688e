import type { NamedTensorMap, Optimizer, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { findWrappers } from './find-wrappers.ts';
import { tfc } from './peers.ts';
import { checkModel } from './rebuild-model.ts';
import type { Gradients } from './tf-types.ts';

/** Masks of a model's weights, bool, by the name of the `tf.Variable` that they mask. */
type Masks = Map<string, Variable>;

/** A list of slots of TF.js's optimizers: entry i belongs to the i-th gradient that was passed. */
type Slots = { originalName: string; variable: Variable }[];

/** The fields of TF.js's optimizers that hold slots. */
const slotFields = [
  'accumulations',
  'accumulatedFirstMoment',
  'accumulatedSecondMoment',
  'accumulatedWeightedInfNorm',
  'accumulatedMeanSquares',
  'accumulatedMoments',
  'accumulatedMeanGrads',
  'accumulatedGrads',
  'accumulatedUpdates',
] as const;

/** Masks of the exact wrappers of a model; TFMOT's leave gradients and slots alone. */
function masksOf(model: LayersModel): Masks {
  const masks: Masks = new Map();
  for (const wrapper of findWrappers(model)) {
    if (wrapper.compat === 'tfmot') continue;
    for (const weight of wrapper.pruned) masks.set(weight.variable.name, weight.keep);
  }
  return masks;
}

/** `where`, not a product: NaN times zero is NaN. */
function masked(tensor: Tensor, keep: Tensor): Tensor {
  return tfc.where(keep, tensor, tfc.zerosLike(tensor));
}

function maskSlots(optimizer: Optimizer, names: readonly string[], masks: Masks): void {
  const fields = optimizer as unknown as Record<string, Slots | undefined>;
  for (const field of slotFields) {
    fields[field]?.forEach((slot, i) => {
      const keep = masks.get(names[i]!);
      if (keep && slot) tfc.tidy(() => slot.variable.assign(masked(slot.variable, keep) as Variable));
    });
  }
}

function maskAll(gradients: Gradients, masks: Masks): Gradients {
  const one = (name: string, tensor: Tensor) => {
    const keep = masks.get(name);
    return keep && tensor ? masked(tensor, keep) : tensor;
  };
  if (Array.isArray(gradients)) {
    return gradients.map(({ name, tensor }) => ({ name, tensor: one(name, tensor) }));
  }
  return Object.fromEntries(Object.entries(gradients).map(([name, tensor]) => [name, one(name, tensor)]));
}

/** Models whose weights each optimizer is known to train. */
const attached = new WeakMap<Optimizer, Set<LayersModel>>();

/**
 * From now on, every step of the optimizer masks the gradients and slots of the model's pruned weights. Calling it
 * again changes nothing.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a centered RMSProp, which turns a weight without gradient into NaN
 */
export function maskOptimizer(model: LayersModel, optimizer: Optimizer): void {
  const known = attached.get(optimizer);
  if (known) {
    known.add(model);
    return;
  }
  if ((optimizer as unknown as { centered?: boolean }).centered === true) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      "pruning: TF.js's centered RMSProp makes NaN of every weight whose gradient is zero, so pruned weights cannot be " +
        'kept at zero. Use tf.train.rmsprop without centered, or another optimizer.',
      { expected: 'centered: false', received: 'centered: true' },
    );
  }
  const models = new Set([model]);
  attached.set(optimizer, models);
  const apply = optimizer.applyGradients;
  optimizer.applyGradients = (gradients) => {
    const masks: Masks = new Map([...models].flatMap((one) => [...masksOf(one)]));
    const names = Array.isArray(gradients) ? gradients.map(({ name }) => name) : Object.keys(gradients);
    tfc.tidy(() => apply.call(optimizer, maskAll(gradients, masks) as typeof gradients));
    maskSlots(optimizer, names, masks);
  };
}

/** Attaches to the optimizer that `model.compile` gives the model, now and later. */
export function maskOptimizerOnCompile(model: LayersModel): void {
  const { compile } = model;
  model.compile = (args) => {
    compile.call(model, args);
    maskOptimizer(model, model.optimizer);
  };
}

/**
 * Zeroes the gradients of a custom loop where the model's weights are pruned: `optimizer.applyGradients(maskGradients(
 * model, grads))`. In place: a masked gradient takes the place of the given one, which is disposed, so that disposing
 * the map afterwards frees everything. Entries of other variables are left.
 *
 * @param gradients - by variable name, as `tf.variableGrads` gives them
 * @returns the same map
 */
export function maskGradients(model: LayersModel, gradients: NamedTensorMap): NamedTensorMap {
  checkModel('maskGradients', model);
  for (const [name, keep] of masksOf(model)) {
    const gradient = gradients[name];
    if (!gradient) continue;
    gradients[name] = tfc.tidy(() => masked(gradient, keep));
    gradient.dispose();
  }
  return gradients;
}

/**
 * For custom training loops: call it after each optimizer step. Pruned weights are zero already, whoever assigns to
 * them; this makes it so in a TFMOT-compatible model, and masks the optimizer's slots too.
 *
 * The optimizer of a model that `pruneLowMagnitude` made is known from `compile` on, that of a loaded model or of a
 * custom loop from the first call of this function (or `fit` with `updatePruningStep`) on.
 *
 * @param optimizer - of the loop; default: the one that the model was compiled with, if any
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a centered RMSProp, `ERR_SPARSE_MODEL`
 */
export function afterStep(model: LayersModel, optimizer: Optimizer | undefined = model.optimizer): void {
  checkModel('afterStep', model);
  const wrappers = findWrappers(model);
  for (const wrapper of wrappers) wrapper.applyMasks();
  if (!optimizer || wrappers.every((wrapper) => wrapper.compat === 'tfmot')) return;
  const fields = optimizer as unknown as Record<string, Slots | undefined>;
  if (!attached.has(optimizer)) {
    // The order of the first step's gradients is past; its slots still carry the names.
    const masks = masksOf(model);
    for (const field of slotFields) {
      fields[field]?.forEach(({ originalName, variable }) => {
        const keep = masks.get(originalName.slice(0, originalName.lastIndexOf('/')));
        if (keep) tfc.tidy(() => variable.assign(masked(variable, keep) as Variable));
      });
    }
  }
  maskOptimizer(model, optimizer);
}
