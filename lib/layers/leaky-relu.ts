import { emitActivation } from '../plan/emit/activation.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';

/** x where x > 0, alpha · x elsewhere. Keras 3 calls alpha `negative_slope`; both default to 0.3. */
export const leakyRelu: LayerType = {
  classNames: ['LeakyReLU'],
  prunable: [],
  lower: (config) => {
    const alpha = config.number(config.get('negativeSlope') === undefined ? 'alpha' : 'negativeSlope', 0.3);
    return (call) => [emitActivation(call.plan, call.name, onlyInput(call), { type: 'leakyRelu', alpha })];
  },
};
