import type { LayersModel } from '@tensorflow/tfjs-layers';
import { isModel } from './tf-types.ts';
import { PruneLowMagnitude } from './wrapper.ts';

/** Every pruning wrapper of a model, nested models included, each once, in the order of the layers. */
export function findWrappers(model: LayersModel): PruneLowMagnitude[] {
  const found = new Set<PruneLowMagnitude>();
  const visit = (container: LayersModel) => {
    for (const layer of container.layers) {
      if (layer instanceof PruneLowMagnitude) found.add(layer);
      else if (isModel(layer)) visit(layer);
    }
  };
  visit(model);
  return [...found];
}
