import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Structure } from '../sparse/structure.ts';
import { localName, prunableWeightsOf } from './prunable-weights.ts';
import type { PrunedWeight } from './pruned-weight.ts';
import type { PruningRule } from './pruning-rule.ts';
import { checkModel } from './rebuild-model.ts';
import { isModel, type Layer } from './tf-types.ts';
import { PruningWrapper } from './wrapper.ts';

/** What the wrapper of a weight knows of it. */
export interface WrappedWeight {
  rule: PruningRule;
  weight: PrunedWeight;
  /** Training steps begun. */ step: number;
}

/** One weight that pruning may zero, wherever it comes from. */
export interface PrunableTensor {
  layer: string;
  name: string;
  /** Its values, as the layer computes with them. */ tensor: Pick<Tensor, 'shape' | 'size'> & {
    dataSync(): ArrayLike<number>;
  };
  /** The pattern that its wrapper prunes it by; `undefined` in a model without wrappers. */ structure?: Structure;
  /** In a model with wrappers. */ wrapped?: WrappedWeight;
}

/** A GraphModel, told by its shape: its package need not be installed. */
export function isGraphModel(model: unknown): model is GraphModel {
  const { executor, weights } = (model ?? {}) as { executor?: unknown; weights?: unknown };
  return typeof executor === 'object' && executor !== null && typeof weights === 'object';
}

function ofLayer(layer: Layer): PrunableTensor[] {
  if (layer instanceof PruningWrapper) {
    return layer.pruned.map((weight) => {
      const { name, variable, structure, shape } = weight;
      const tensor = { shape, size: variable.size, dataSync: () => weight.readEffective() };
      const wrapped = { rule: layer.rule, weight, step: layer.pruningStep };
      return { layer: layer.layer.name, name, tensor, structure, wrapped };
    });
  }
  return prunableWeightsOf(layer).map((weight) => {
    return { layer: layer.name, name: localName(layer, weight), tensor: weight.read() };
  });
}

function ofLayers(model: LayersModel, seen: Set<Layer>): PrunableTensor[] {
  return model.layers.flatMap((layer) => {
    if (seen.has(layer)) return [];
    seen.add(layer);
    return isModel(layer) ? ofLayers(layer, seen) : ofLayer(layer);
  });
}

/**
 * The prunable weights of a model: those of its wrappers; of other layers, those of the registry (no biases). In a
 * GraphModel, every float32 constant of rank 2 or more; the node's name is cut at its last slash.
 */
export function prunableTensors(what: string, model: LayersModel | GraphModel): PrunableTensor[] {
  if (!isGraphModel(model)) {
    checkModel(what, model);
    return ofLayers(model, new Set());
  }
  return Object.entries(model.weights).flatMap(([node, [tensor]]) => {
    if (tensor?.dtype !== 'float32' || tensor.rank < 2) return [];
    const cut = node.lastIndexOf('/');
    return [{ layer: node.slice(0, Math.max(cut, 0)), name: node.slice(cut + 1), tensor }];
  });
}
