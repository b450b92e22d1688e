import { emitActivation } from '../plan/emit/activation.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** exp(x) / sum of exp(x) over the last axis. */
export const softmax: LayerType = {
  classNames: ['Softmax'],
  prunable: [],
  lower: (config) => {
    const axis = config.axis(-1);
    return (call) => {
      // TensorFlow.js lowers the masked inputs of this layer, and of no other.
      if (call.mask)
        throw new UnsupportedFeature(`softmax of a masked input is not compiled; ${keepInTensorFlow}`);
      const input = onlyInput(call);
      const rank = call.plan.value(input).shape.length + 1;
      if (axis !== -1 && axis !== rank - 1) {
        throw new UnsupportedFeature(
          `softmax over axis ${axis} of ${rank} has no native step; ${keepInTensorFlow}`,
        );
      }
      return [emitActivation(call.plan, call.name, input, { type: 'softmax' })];
    };
  },
};
