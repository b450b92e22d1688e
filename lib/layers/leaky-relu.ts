import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activate } from './ops/activations.ts';

/** x where x > 0, alpha · x elsewhere. Keras 3 calls alpha `negative_slope`; both default to 0.3. */
export const leakyRelu: LayerType = {
  classNames: ['LeakyReLU'],
  prunable: [],
  lower: (config) => {
    const alpha = config.number(config.get('negativeSlope') === undefined ? 'alpha' : 'negativeSlope', 0.3);
    return (call) => [call.op.portId(activate(call.op, onlyTensor(call), { type: 'leakyRelu', alpha }))];
  },
};
