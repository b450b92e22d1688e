import { emitActivation } from '../plan/emit/activation.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { readActivation } from './read-activation.ts';

/** An activation as a layer. */
export const activation: LayerType = {
  classNames: ['Activation'],
  prunable: [],
  lower: (config) => {
    const type = readActivation(config);
    return (call) => [emitActivation(call.plan, call.name, onlyInput(call), type)];
  },
};
