import { SparseError } from '../errors.ts';
import { prunableWeights as registered } from '../layers/registry.ts';
import type { Layer, LayerVariable } from './tf-types.ts';

/** A custom layer that says itself which of its weights may be pruned. */
export interface CustomPrunableLayer {
  getPrunableWeights(): LayerVariable[];
}

/** Name of a weight inside its layer: TF.js's name without the layer's. */
export function localName(layer: Layer, weight: LayerVariable): string {
  const prefix = `${layer.name}/`;
  const name = weight.originalName;
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function hasOwnList(layer: Layer): layer is Layer & CustomPrunableLayer {
  return typeof (layer as Partial<CustomPrunableLayer>).getPrunableWeights === 'function';
}

/** Layers that hold layers and have no weights of their own. TFMOT refuses them. */
const holders: Readonly<Record<string, readonly string[]>> = {
  Bidirectional: ['forwardLayer', 'backwardLayer'],
  TimeDistributed: ['layer'],
};

/** The layers inside such a layer. */
function innerLayers(layer: Layer): Layer[] | undefined {
  const fields = layer as unknown as Record<string, Layer>;
  return holders[layer.getClassName()]?.map((field) => fields[field]!);
}

/** Whether pruning knows the layer: its class is in the registry, or it names its prunable weights itself. */
export function isKnownLayer(layer: Layer): boolean {
  return isTfmotLayer(layer) || innerLayers(layer)?.every(isKnownLayer) === true;
}

/** Whether TFMOT takes the layer, too. */
export function isTfmotLayer(layer: Layer): boolean {
  return hasOwnList(layer) || registered(layer.getClassName()) !== undefined;
}

/**
 * The weights of a built layer that pruning may zero.
 *
 * @param biases - also the layer's biases, where it has another prunable weight; default false
 * @throws {@link SparseError} `ERR_SPARSE_MODEL` when a weight of the registry is not there
 */
export function prunableWeightsOf(layer: Layer, biases = false): LayerVariable[] {
  const ends = (weight: LayerVariable, name: string) =>
    weight.originalName === name || weight.originalName.endsWith(`/${name}`);
  if (hasOwnList(layer)) return layer.getPrunableWeights();
  const inner = innerLayers(layer);
  if (inner) return inner.flatMap((one) => prunableWeightsOf(one, biases));
  const names = registered(layer.getClassName()) ?? [];
  const found = names.flatMap((name) => {
    // Stacked cells have one each.
    const weights = layer.weights.filter((candidate) => ends(candidate, name));
    if (weights.length > 0) return weights;
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `pruning: layer "${layer.name}" (${layer.getClassName()}) has no weight "${name}", only ` +
        `[${layer.weights.map((w) => w.originalName).join(', ')}]. Is the layer built?`,
      {
        layer: layer.name,
        tensor: name,
        expected: names,
        received: layer.weights.map((w) => w.originalName),
      },
    );
  });
  if (!biases || found.length === 0) return found;
  return [...found, ...layer.weights.filter((weight) => ends(weight, 'bias'))];
}
