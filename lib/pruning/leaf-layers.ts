import type { LayersModel } from '@tensorflow/tfjs-layers';
import { isModel, type Layer } from './tf-types.ts';

/** The layers of a model, each once, models inside replaced by their layers. */
export function leafLayers(model: LayersModel): Layer[] {
  const found = new Set<Layer>();
  const visit = (container: LayersModel) => {
    for (const layer of container.layers) {
      if (isModel(layer)) visit(layer);
      else found.add(layer);
    }
  };
  visit(model);
  return [...found];
}
