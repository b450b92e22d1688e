import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { copyLayer, copyWeights } from './layer-copies.ts';
import { leafLayers } from './leaf-layers.ts';
import { maskOptimizerOnCompile } from './optimizer-masks.ts';
import { rebuildModel } from './rebuild-model.ts';
import type { Layer } from './tf-types.ts';
import { checkScheduleOnFit } from './update-pruning-step.ts';
import { PruningWrapper } from './wrapper.ts';

/** What takes a layer's place in a model that is pruned while it trains. */
export interface WrapPlan {
  /** Who asks, for messages. */ what: string;
  /** Makes the wrapper of a layer's stand-in; `undefined` leaves the layer unwrapped. */
  wrap: (layer: Layer, inner: () => Layer) => PruningWrapper | undefined;
  /** Take the layers that have weights, instead of copies, as TFMOT does; default false. */ share?: boolean;
}

/**
 * A model of the same graph, chosen layers wrapped. Layers are copied, the given model is left as it was.
 *
 * @throws {@link SparseError} `ERR_SPARSE_MODEL` when a layer is wrapped already
 */
export function wrapModel(model: LayersModel, { what, wrap, share = false }: WrapPlan): LayersModel {
  const wrapped = leafLayers(model).find((layer) => layer instanceof PruningWrapper);
  if (wrapped) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `${what}: layer "${wrapped.name}" is wrapped already. Call stripPruning first.`,
      { layer: wrapped.name, expected: 'a model without pruning', received: wrapped.getClassName() },
    );
  }
  const copies: [from: Layer, to: Layer][] = [];
  const take = (layer: Layer, sharing: boolean): Layer => {
    if (sharing) return layer;
    const copy = copyLayer(layer);
    copies.push([layer, copy]);
    return copy;
  };
  const result = rebuildModel(model, (layer) => {
    // A stateless layer of its own costs nothing, and leaves the given model's graph alone.
    return wrap(layer, () => take(layer, share)) ?? take(layer, share && layer.weights.length > 0);
  });
  for (const [from, to] of copies) copyWeights(from, to);
  if (!share) {
    maskOptimizerOnCompile(result);
    checkScheduleOnFit(result);
  }
  return result;
}
