import type { LayersModel } from '@tensorflow/tfjs-layers';
import { copyLayer, copyWeights } from './layer-copies.ts';
import { checkModel, rebuildModel } from './rebuild-model.ts';
import type { Layer } from './tf-types.ts';
import { PruningWrapper } from './wrapper.ts';

/**
 * The plain model behind a pruned one: its layers without wrappers, with copies of the present weights. No mask is
 * applied: with compat 'exact' pruned weights are zero anyway; with 'tfmot' they are after an epoch's end only, as in
 * TFMOT. The given model stays as it is, and both are the caller's to dispose.
 */
export function stripPruning(model: LayersModel): LayersModel {
  checkModel('stripPruning', model);
  const copies: [from: Layer, to: Layer][] = [];
  const stripped = rebuildModel(model, (layer) => {
    const inner = layer instanceof PruningWrapper ? layer.layer : layer;
    const copy = copyLayer(inner);
    if (layer.batchInputShape && !copy.batchInputShape) copy.batchInputShape = layer.batchInputShape;
    copies.push([inner, copy]);
    return copy;
  });
  for (const [from, to] of copies) copyWeights(from, to);
  return stripped;
}
