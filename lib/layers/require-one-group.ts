import type { LayerConfig } from './layer-config.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** Refuses `groups`, which Keras has and TensorFlow.js has not. */
export function requireOneGroup(config: LayerConfig): void {
  const groups = config.positiveInteger('groups', 1);
  if (groups !== 1)
    throw new UnsupportedFeature(`groups = ${groups} has no native step; ${keepInTensorFlow}`);
}
