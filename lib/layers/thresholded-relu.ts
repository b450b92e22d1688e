import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activate } from './ops/activations.ts';

/** x where it is above theta, 0 elsewhere. */
export const thresholdedRelu: LayerType = {
  classNames: ['ThresholdedReLU'],
  prunable: [],
  lower: (config) => {
    const alpha = config.number('theta', 1);
    return (call) => [
      call.op.portId(activate(call.op, onlyTensor(call), { type: 'thresholdedRelu', alpha })),
    ];
  },
};
