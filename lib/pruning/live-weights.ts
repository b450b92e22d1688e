import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import type { Mask } from '../sparse/structure.ts';
import { leafLayers } from './leaf-layers.ts';
import { tfc } from './peers.ts';
import type { Policy } from './policy.ts';
import { isKnownLayer, localName, prunableWeightsOf } from './prunable-weights.ts';
import { type Layer, type LayerVariable, variableOf } from './tf-types.ts';
import { PruningWrapper } from './wrapper.ts';

/** One weight of a live model that pruning may zero. */
export interface LiveWeight {
  /** `layer/name`: what masks are kept under. */ key: string;
  layer: Layer;
  /** Name inside the layer, e.g. `kernel`. */ name: string;
  shape: readonly number[];
  variable: LayerVariable;
  /** Rank 1 and asked for by `biases`: structures mean nothing here. */ bias: boolean;
}

/**
 * The prunable weights of the layers that a policy lets through, in the order of the layers.
 *
 * @param options.biases - also their biases
 * @throws {@link SparseError} `ERR_SPARSE_MODEL` when the model is wrapped, has no such weight, or has two of one name
 */
export function liveWeights(
  what: string,
  model: LayersModel,
  options: { policy?: Policy | undefined; biases?: boolean | undefined } = {},
): LiveWeight[] {
  const { policy = () => true, biases = false } = options;
  const found = new Map<string, LiveWeight>();
  for (const layer of leafLayers(model)) {
    if (layer instanceof PruningWrapper) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `${what}: layer "${layer.name}" is wrapped for training. Call stripPruning first.`,
        { layer: layer.name, expected: 'a model without pruning', received: layer.getClassName() },
      );
    }
    if (!isKnownLayer(layer) || !policy({ name: layer.name, className: layer.getClassName() })) continue;
    const kernels = prunableWeightsOf(layer);
    for (const variable of biases ? prunableWeightsOf(layer, true) : kernels) {
      const name = localName(layer, variable);
      const key = `${layer.name}/${name}`;
      if (found.has(key)) {
        throw new SparseError(
          'ERR_SPARSE_MODEL',
          `${what}: two layers are called "${layer.name}", expected names that differ: masks are kept by name. ` +
            'Rename one, or leave one out by a policy.',
          { layer: layer.name, tensor: key, expected: 'names that differ' },
        );
      }
      const shape = variable.shape as number[];
      found.set(key, { key, layer, name, shape, variable, bias: !kernels.includes(variable) });
    }
  }
  if (found.size > 0) return [...found.values()];
  const classes = leafLayers(model).map((layer) => `${layer.getClassName()} "${layer.name}"`);
  throw new SparseError(
    'ERR_SPARSE_MODEL',
    `${what}: no layer that was chosen has a prunable weight, received ${classes.join(', ')}. Does the policy say ` +
      'false to all? A custom layer names its weights by getPrunableWeights().',
    { layer: leafLayers(model)[0]?.name ?? model.name, expected: 'a prunable weight', received: classes },
  );
}

/** Values of a weight; may be the backend's own memory. */
export function valuesOf(weight: LiveWeight): Float32Array {
  return weight.variable.read().dataSync() as Float32Array;
}

/** Overwrites a weight. */
export function writeValues(weight: LiveWeight, values: Float32Array): void {
  tfc.tidy(() => {
    weight.variable.write(tfc.tensor(values, weight.shape as number[]));
  });
}

/** Makes the pruned entries of a weight +0. `where`, not a product: NaN times zero is NaN. */
export function maskWeight(weight: LiveWeight, mask: Mask): void {
  tfc.tidy(() => {
    const variable = variableOf(weight.variable);
    const keep = tfc.tensor(mask, weight.shape as number[], 'bool');
    weight.variable.write(tfc.where(keep, variable, tfc.zerosLike(variable)));
  });
}
