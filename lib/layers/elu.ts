import { emitActivation } from '../plan/emit/activation.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** x where x > 0, exp(x) - 1 elsewhere. */
export const elu: LayerType = {
  classNames: ['ELU'],
  prunable: [],
  lower: (config) => {
    const alpha = config.number('alpha', 1);
    if (alpha !== 1) throw new UnsupportedFeature(`alpha = ${alpha} has no native step; ${keepInTensorFlow}`);
    return (call) => [emitActivation(call.plan, call.name, onlyInput(call), { type: 'elu' })];
  },
};
