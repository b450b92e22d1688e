import type { LayerType } from './layer-type.ts';

/** Layers that act in training only. */
export const identity: LayerType = {
  classNames: [
    'Dropout',
    'SpatialDropout1D',
    'SpatialDropout2D',
    'SpatialDropout3D',
    'AlphaDropout',
    'GaussianDropout',
    'GaussianNoise',
    'ActivityRegularization',
  ],
  prunable: [],
  lower: () => (call) => [...call.inputs],
};
