import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../../errors.ts';
import { leafLayers } from '../leaf-layers.ts';
import { tfc } from '../peers.ts';
import { localName } from '../prunable-weights.ts';
import type { LayerVariable } from '../tf-types.ts';
import { PruningWrapper } from '../wrapper.ts';

/** Values of a model's weights, by `layer/weight`: what a model is rewound to. */
export type WeightValues = ReadonlyMap<string, Float32Array>;

/**
 * Every weight of a model, biases and running statistics too, by `layer/weight`; wrappers are looked through.
 *
 * @throws {@link SparseError} `ERR_SPARSE_MODEL` when two weights would have one key
 */
export function modelWeights(model: LayersModel): Map<string, LayerVariable> {
  const found = new Map<string, LayerVariable>();
  for (const layer of leafLayers(model)) {
    const own = layer instanceof PruningWrapper ? layer.layer : layer;
    for (const weight of own.weights) {
      const key = `${own.name}/${localName(own, weight)}`;
      if (found.has(key)) {
        throw new SparseError(
          'ERR_SPARSE_MODEL',
          `study: two weights of model "${model.name}" are called "${key}". Give the layers names that differ.`,
          { layer: own.name, tensor: key, expected: 'names that differ' },
        );
      }
      found.set(key, weight);
    }
  }
  return found;
}

/** A copy of the values of all weights. @throws {@link SparseError} `ERR_SPARSE_MODEL` when two have one key */
export function readWeights(model: LayersModel): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  // A copy: the backend may hand out its own memory.
  for (const [key, weight] of modelWeights(model))
    values.set(key, Float32Array.from(weight.read().dataSync()));
  return values;
}

/** Sets the weights that are named; others stay, and masked ones stay zero. */
export function writeWeights(model: LayersModel, values: WeightValues): void {
  for (const [key, weight] of modelWeights(model)) {
    const found = values.get(key);
    if (found === undefined) continue;
    // A copy: TF.js takes over the array it is given.
    const tensor = tfc.tensor(found.slice(), weight.shape as number[], weight.dtype);
    weight.write(tensor);
    tensor.dispose();
  }
}
