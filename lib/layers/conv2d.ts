import { emitConv2d } from '../plan/emit/conv2d.ts';
import { mapInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activateValue } from './ops/activations.ts';
import { readActivation } from './read-activation.ts';
import { readConvWindow, resolveWindow } from './read-window.ts';
import { requireOneGroup } from './require-one-group.ts';

/** activation(conv(x, kernel) + bias), channels last. */
export const conv2d: LayerType = {
  classNames: ['Conv2D'],
  prunable: ['kernel'],
  lower: (config) => {
    config.requireChannelsLast();
    requireOneGroup(config);
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
      return [activateValue(call.op, sums, activation)];
    };
  },
};
