import { emitActivation } from '../plan/emit/activation.ts';
import { emitConv2d } from '../plan/emit/conv2d.ts';
import { mapInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { readActivation } from './read-activation.ts';
import { readConvWindow, resolveWindow } from './read-window.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** activation(conv(x, kernel) + bias), channels last. */
export const conv2d: LayerType = {
  classNames: ['Conv2D'],
  prunable: ['kernel'],
  lower: (config) => {
    config.requireChannelsLast();
    const groups = config.positiveInteger('groups', 1);
    if (groups !== 1)
      throw new UnsupportedFeature(`groups = ${groups} has no native step; ${keepInTensorFlow}`);
    const filters = config.positiveInteger('filters');
    const useBias = config.boolean('useBias', true);
    const activation = readActivation(config);
    const window = readConvWindow(config);
    return (call) => {
      const { input, x } = mapInput(call);
      const sums = emitConv2d(call.plan, call.name, input, {
        kernel: call.weight('kernel', [...window.kernel, x.channels, filters]),
        outputs: filters,
        ...(useBias && { bias: call.weight('bias', [filters]) }),
        window: resolveWindow(call.name, window, x),
      });
      return [emitActivation(call.plan, call.name, sums, activation)];
    };
  },
};
