import type { LayerConfig } from './layer-config.ts';
import { UnsupportedFeature } from './unsupported-feature.ts';

/** Refuses `groups`, which Keras has and TensorFlow.js has not: it takes no notice and cannot load the weights. */
export function requireOneGroup(config: LayerConfig): void {
  const groups = config.positiveInteger('groups', 1);
  if (groups !== 1)
    throw new UnsupportedFeature(
      `groups = ${groups}: layers of TensorFlow.js have no groups, so it cannot load this one either; convert the model to a GraphModel, where convolutions in groups are compiled`,
    );
}
