import type { LayersModel } from '@tensorflow/tfjs-layers';
import { findWrappers } from './find-wrappers.ts';
import { copyLayer, copyWeights } from './layer-copies.ts';
import { tfc } from './peers.ts';
import { checkModel, rebuildModel } from './rebuild-model.ts';
import type { Layer } from './tf-types.ts';
import { PruningWrapper } from './wrapper.ts';

/** Masks what movement pruning kept under the masks, in the copy of a layer. */
function maskLearned(wrapper: PruningWrapper, copy: Layer): void {
  for (const { scores, weight, keep, variable } of wrapper.pruned) {
    if (!scores) continue;
    const target = copy.weights[wrapper.layer.weights.indexOf(weight)]!;
    tfc.tidy(() => void target.write(tfc.where(keep, variable, tfc.zerosLike(variable))));
  }
}

/**
 * The plain model behind a pruned one: its layers without wrappers, with copies of the present weights, pruned weights zero.
 * The given model stays as it is, and both are the caller's to dispose.
 *
 * With compat 'tfmot' it is TFMOT's: layers with weights are shared, not copied, and no mask is applied, so that pruned weights
 * are zero after an epoch's end only.
 */
export function stripPruning(model: LayersModel): LayersModel {
  checkModel('stripPruning', model);
  const share = findWrappers(model).some(({ compat }) => compat === 'tfmot');
  const copies: [from: Layer, to: Layer, wrapper: PruningWrapper | undefined][] = [];
  const stripped = rebuildModel(model, (layer) => {
    const wrapper = layer instanceof PruningWrapper ? layer : undefined;
    const inner = wrapper?.layer ?? layer;
    if (share && inner.weights.length > 0) return inner;
    const copy = copyLayer(inner);
    if (layer.batchInputShape && !copy.batchInputShape) copy.batchInputShape = layer.batchInputShape;
    copies.push([inner, copy, wrapper]);
    return copy;
  });
  for (const [from, to, wrapper] of copies) {
    copyWeights(from, to);
    if (wrapper) maskLearned(wrapper, to);
  }
  return stripped;
}
