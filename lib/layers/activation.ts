import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activate } from './ops/activations.ts';
import { readActivation } from './read-activation.ts';

/** An activation as a layer. */
export const activation: LayerType = {
  classNames: ['Activation'],
  prunable: [],
  lower: (config) => {
    const type = readActivation(config);
    return (call) => [call.op.portId(activate(call.op, onlyTensor(call), type))];
  },
};
