import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { countZeros } from './get-sparsity.ts';
import { leafLayers } from './leaf-layers.ts';
import { isGraphModel, prunableTensors } from './weights-of.ts';

/** Bytes of weights in sparse storage, and how many of them remain. */
export interface SparseStorage {
  /**
   * Prunable weights as compressed sparse rows (4-byte values, 4-byte column indices, 4-byte row offsets, a row per
   * output), all other weights raw; model.json not counted.
   */
  csrBytes: number;
  /** Prunable weights as one bit per entry and 4 bytes per non-zero, all other weights raw; model.json not counted. */
  bitmaskBytes: number;
  /** All parameters of the plain model: biases and normalization included, masks not. */ parameters: number;
  /** `parameters` without the zeros of prunable weights. A bias that happens to be zero remains. */ remaining: number;
  /** parameters / remaining; its denominator is all parameters, not only the prunable ones. */ compressionRatio: number;
}

/** A weight of a model, and whether pruning may zero it. */
export interface StoredWeight {
  /** Name of the layer; in a GraphModel the node's name up to its last slash. */ layer: string;
  tensor: Tensor;
  prunable: boolean;
}

/** Every weight of a model without wrappers, in its order. */
export function storedWeights(what: string, model: LayersModel | GraphModel): StoredWeight[] {
  const prunable = new Set(prunableTensors(what, model).map(({ tensor }) => tensor));
  const stored = (layer: string, tensor: Tensor) => ({ layer, tensor, prunable: prunable.has(tensor) });
  if (!isGraphModel(model)) {
    return leafLayers(model).flatMap((layer) =>
      layer.weights.map((weight) => stored(layer.name, weight.read())),
    );
  }
  return Object.entries(model.weights).flatMap(([node, tensors]) =>
    tensors.map((tensor) => stored(node.slice(0, Math.max(node.lastIndexOf('/'), 0)), tensor)),
  );
}

/** 1 / the fraction of parameters that remains; Infinity when none does. */
export function compressionRatio(parameters: number, zeros: number): number {
  return parameters / (parameters - zeros);
}

/** What weights take in sparse storage. */
export function sparseStorage(weights: readonly StoredWeight[]): SparseStorage {
  const float = Float32Array.BYTES_PER_ELEMENT;
  const parameters = weights.reduce((sum, { tensor }) => sum + tensor.size, 0);
  const sum = { csrBytes: parameters * float, bitmaskBytes: parameters * float, zeros: 0 };
  for (const { tensor, prunable } of weights) {
    if (!prunable) continue;
    const zeros = countZeros(tensor.dataSync());
    const raw = tensor.size * float;
    const kept = (tensor.size - zeros) * float;
    const outputs = tensor.shape.at(-1) ?? 1;
    sum.csrBytes += 2 * kept + (outputs + 1) * float - raw;
    sum.bitmaskBytes += kept + Math.ceil(tensor.size / 8) - raw;
    sum.zeros += zeros;
  }
  return {
    csrBytes: sum.csrBytes,
    bitmaskBytes: sum.bitmaskBytes,
    parameters,
    remaining: parameters - sum.zeros,
    compressionRatio: compressionRatio(parameters, sum.zeros),
  };
}
