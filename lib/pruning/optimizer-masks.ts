import type { NamedTensorMap, Optimizer, Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import type { Coordinator } from './coordinator.ts';
import { coordinatorsOf, findWrappers } from './find-wrappers.ts';
import { countSlots, maskSlots } from './optimizer-slots.ts';
import { tfc } from './peers.ts';
import type { PrunedWeight } from './pruned-weight.ts';
import { checkModel } from './rebuild-model.ts';
import type { Gradients } from './tf-types.ts';

/** Weights whose zeros are kept, by the name of their `tf.Variable`. */
type Weights = ReadonlyMap<string, PrunedWeight>;

/** TFMOT's wrappers leave gradients and slots alone; those with scores mask gradients where they arise. */
function weightsOf(coordinators: Iterable<Coordinator>): Weights {
  const weights = [...coordinators].flatMap((coordinator) =>
    coordinator.weights.filter(({ exact }) => exact),
  );
  return new Map(weights.map((weight) => [weight.variable.name, weight]));
}

function namesOf(gradients: Gradients): string[] {
  return Array.isArray(gradients) ? gradients.map(({ name }) => name) : Object.keys(gradients);
}

function gradientOf(gradients: Gradients, name: string): Tensor | undefined {
  return Array.isArray(gradients) ? gradients.find((one) => one.name === name)?.tensor : gradients[name];
}

function maskAll(gradients: Gradients, weights: Weights): Gradients {
  const one = (name: string, tensor: Tensor) => (tensor && weights.get(name)?.masked(tensor)) ?? tensor;
  if (Array.isArray(gradients)) {
    return gradients.map(({ name, tensor }) => ({ name, tensor: one(name, tensor) }));
  }
  return Object.fromEntries(Object.entries(gradients).map(([name, tensor]) => [name, one(name, tensor)]));
}

/** Lets SET and RigL see gradients that nobody has masked yet. */
function showGradients(coordinators: Iterable<Coordinator>, gradients: Gradients): void {
  for (const { dynamic, weights } of coordinators) {
    dynamic?.show(weights, ({ variable }) => gradientOf(gradients, variable.name));
  }
}

/** Coordinators whose weights each optimizer trains, with the version of the masks that its slots are under. */
const attached = new WeakMap<Optimizer, Map<Coordinator, number>>();

/**
 * Whether the optimizer is one of TF.js's own, all of which leave a zero weight with zero gradient and slots at zero
 * (-lr · 0 + 0): then nobody need check what it assigns. A class of the user's own may decay, or add noise.
 */
function keepsZeros(optimizer: Optimizer): boolean {
  const own = [
    tfc.SGDOptimizer,
    tfc.MomentumOptimizer,
    tfc.AdamOptimizer,
    tfc.AdamaxOptimizer,
    tfc.RMSPropOptimizer,
    tfc.AdagradOptimizer,
    tfc.AdadeltaOptimizer,
  ];
  return own.some((known) => optimizer.constructor === known);
}

/** Takes the optimizer's own step, its gradients masked, and leaves its slots masked. */
function applyMasked(
  optimizer: Optimizer,
  apply: Optimizer['applyGradients'],
  gradients: Gradients,
  seen: Map<Coordinator, number>,
): void {
  const weights = weightsOf(seen.keys());
  const names = namesOf(gradients);
  const stale = [...seen].some(([coordinator, version]) => coordinator.version !== version);
  // Before the step, as a momentum would move what the new masks prune.
  if (stale) maskSlots(optimizer, weights, names);
  const slots = countSlots(optimizer);
  const trusted = keepsZeros(optimizer) ? [...weights.values()] : [];
  for (const weight of trusted) weight.trusted = true;
  try {
    tfc.tidy(() => apply.call(optimizer, maskAll(gradients, weights) as Parameters<typeof apply>[0]));
  } finally {
    for (const weight of trusted) weight.trusted = false;
  }
  // Some slots do not begin at zero; an unknown optimizer may do what it likes with its own.
  if (countSlots(optimizer) !== slots || trusted.length === 0) maskSlots(optimizer, weights, names);
  for (const coordinator of seen.keys()) seen.set(coordinator, coordinator.version);
}

/**
 * From now on, every step of the optimizer masks the gradients and slots of the model's pruned weights. Calling it
 * again changes nothing.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a centered RMSProp, which turns a weight without gradient into NaN
 */
export function maskOptimizer(model: LayersModel, optimizer: Optimizer): void {
  const coordinators = coordinatorsOf(model);
  const known = attached.get(optimizer);
  if (!known && (optimizer as unknown as { centered?: boolean }).centered === true) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      "pruning: TF.js's centered RMSProp makes NaN of every weight whose gradient is zero, so pruned weights cannot be " +
        'kept at zero. Use tf.train.rmsprop without centered, or another optimizer.',
      { expected: 'centered: false', received: 'centered: true' },
    );
  }
  const seen = known ?? new Map<Coordinator, number>();
  for (const coordinator of coordinators) if (!seen.has(coordinator)) seen.set(coordinator, -1);
  if (known) return;
  attached.set(optimizer, seen);
  const apply = optimizer.applyGradients;
  optimizer.applyGradients = (gradients) => {
    showGradients(seen.keys(), gradients);
    // An update of SET or RigL takes the place of the step.
    const updated = [...seen.keys()].map(({ dynamic }) => dynamic?.takeUpdated() === true);
    if (!updated.includes(true)) applyMasked(optimizer, apply, gradients, seen);
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
 * the map afterwards frees everything. Entries of other variables are left. RigL looks at the gradients here.
 *
 * @param gradients - by variable name, as `tf.variableGrads` gives them
 * @returns the same map
 */
export function maskGradients(model: LayersModel, gradients: NamedTensorMap): NamedTensorMap {
  checkModel('maskGradients', model);
  const coordinators = coordinatorsOf(model);
  showGradients(coordinators, gradients);
  for (const [name, weight] of weightsOf(coordinators)) {
    const gradient = gradients[name];
    if (!gradient) continue;
    gradients[name] = weight.masked(gradient);
    gradient.dispose();
  }
  return gradients;
}

/**
 * For custom training loops: call it after each optimizer step. Pruned weights are zero already, whoever assigns to
 * them; this makes it so in a TFMOT-compatible model, and masks the optimizer's slots too.
 *
 * The optimizer of a model that this package made is known from `compile` on, that of a loaded model or of a custom loop
 * from the first call of this function (or `fit` with `updatePruningStep`) on; it may come before the first step.
 *
 * @param optimizer - of the loop; default: the one that the model was compiled with, if any
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a centered RMSProp, `ERR_SPARSE_MODEL`
 */
export function afterStep(model: LayersModel, optimizer: Optimizer | undefined = model.optimizer): void {
  checkModel('afterStep', model);
  for (const wrapper of findWrappers(model)) wrapper.applyMasks();
  const coordinators = coordinatorsOf(model);
  if (!optimizer || coordinators.length === 0) return;
  // The order of the first step's gradients is past; its slots still carry the names.
  if (!attached.has(optimizer)) maskSlots(optimizer, weightsOf(coordinators));
  maskOptimizer(model, optimizer);
}
