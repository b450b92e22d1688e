import type { LayersModel } from '@tensorflow/tfjs-layers';
import { isModel } from './tf-types.ts';
import { PruningWrapper } from './wrapper.ts';

/** Every pruning wrapper of a model, nested models included, each once, in the order of the layers. */
export function findWrappers(model: LayersModel): PruningWrapper[] {
  const found = new Set<PruningWrapper>();
  const visit = (container: LayersModel) => {
    for (const layer of container.layers) {
      if (layer instanceof PruningWrapper) found.add(layer);
      else if (isModel(layer)) visit(layer);
    }
  };
  visit(model);
  return [...found];
}
