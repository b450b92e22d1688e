import type { LayerType } from './layer-type.ts';

/** The door of a model. The walk binds its output to the model's input, so it adds no step. */
export const inputLayer: LayerType = {
  classNames: ['InputLayer'],
  prunable: [],
  lower: () => (call) => [...call.inputs],
};
