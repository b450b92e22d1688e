import { SparseError } from '../errors.ts';
import type { Weight } from '../io/artifacts.ts';
import { isRecord } from '../io/is-record.ts';
import { prunableWeights } from '../layers/registry.ts';
import type { LeafLayer } from './model-graph.ts';
import type { WeightStore } from './weight-store.ts';

/**
 * A weight of a layer, checked and (inside a pruning wrapper) masked.
 *
 * @param path - names from the model down to the layer
 * @param shape - the shape that it must have
 */
export function readLayerWeight(
  store: WeightStore,
  layer: LeafLayer,
  path: readonly string[],
  name: string,
  shape: readonly number[],
): Float32Array {
  const weight = store.find(path, name) ?? findInside(store, layer, path, name);
  const where = path.slice(1).join('/');
  if (!weight) throw missing(store, layer, where, name);
  const data = checked(weight, where, name, shape);
  const mask = layer.wrapper === undefined ? undefined : findMask(store, layer, path, name);
  if (!mask) return data;
  if (mask.data.length !== data.length) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `compile: mask of ${name} of layer "${where}" has shape [${mask.shape.join(', ')}], expected [${shape.join(', ')}]. Do the mask and the weight come from the same training?`,
      { layer: where, tensor: mask.name, expected: [...shape], received: [...mask.shape] },
    );
  }
  // Under TFMOT's rules masked weights hold one optimizer step between two forward passes.
  return data.map((value, i) => (mask.data[i] ? value : 0));
}

function checked(weight: Weight, layer: string, name: string, shape: readonly number[]): Float32Array {
  if (!(weight.data instanceof Float32Array) || weight.dtype !== 'float32') {
    throw new SparseError(
      'ERR_SPARSE_DTYPE',
      `compile: ${name} of layer "${layer}" has dtype ${weight.dtype}, expected float32. Was another model's weight file put here?`,
      { layer, tensor: name, expected: 'float32', received: weight.dtype },
    );
  }
  if (weight.shape.length !== shape.length || !shape.every((size, axis) => size === weight.shape[axis])) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `compile: ${name} of layer "${layer}" has shape [${weight.shape.join(', ')}], expected [${shape.join(', ')}]. Was the layer before it replaced?`,
      { layer, tensor: name, expected: [...shape], received: [...weight.shape] },
    );
  }
  return weight.data;
}

/**
 * A wrapper that was loaded from a file may keep the inner weights under its own name, and Keras 3 those of the layer in a
 * TimeDistributed under both names.
 */
function findInside(
  store: WeightStore,
  layer: LeafLayer,
  path: readonly string[],
  name: string,
): Weight | undefined {
  const inner =
    layer.className === 'TimeDistributed' && isRecord(layer.config.layer) ? layer.config.layer : {};
  if (isRecord(inner.config) && typeof inner.config.name === 'string')
    return store.find([...path, inner.config.name], name);
  return layer.wrapper === undefined ? undefined : store.find([...path.slice(0, -1), layer.wrapper], name);
}

/** The wrapper numbers its masks in the order of the prunable weights, a pruned bias last: mask, mask_1, ... */
function findMask(
  store: WeightStore,
  layer: LeafLayer,
  path: readonly string[],
  name: string,
): Weight | undefined {
  const pruned = [...(prunableWeights(layer.className) ?? []), 'bias'];
  const index = pruned.indexOf(name);
  if (name.startsWith('RNNCell_')) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `compile: layer "${layer.ownName}" has several cells inside a pruning wrapper, expected one. Take the wrappers off first, by stripPruning().`,
      { layer: layer.ownName, tensor: name, expected: 'one cell', received: 'several' },
    );
  }
  if (index < 0 || pruned.length === 1) return undefined;
  return store.find([...path.slice(0, -1), layer.wrapper!], index === 0 ? 'mask' : `mask_${index}`);
}

function missing(store: WeightStore, layer: LeafLayer, where: string, name: string): SparseError {
  const facts = { layer: where, tensor: name, expected: `${layer.ownName}/${name}`, received: 'nothing' };
  if (store.size === 0) {
    return new SparseError(
      'ERR_SPARSE_MODEL',
      `compile: ${name} of layer "${where}" is missing: the model has no weights at all. Build it first (give the first layer an inputShape, or call it once); a path must have its weight files.`,
      facts,
    );
  }
  // The converter leaves out the weights of "Conv/BatchNorm" where there is a layer "Conv" with weights.
  const advice = layer.ownName.includes('/')
    ? 'The converter loses the weights of layers named after another one with "/": convert the model as a GraphModel.'
    : 'Do model.json and the weight files belong together?';
  return new SparseError(
    'ERR_SPARSE_MODEL',
    `compile: ${name} of layer "${where}" is missing: no weight is named "${layer.ownName}/${name}". ${advice}`,
    facts,
  );
}
