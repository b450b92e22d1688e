import { emitConv2d } from '../plan/emit/conv2d.ts';
import { sequenceInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activateValue } from './ops/activations.ts';
import { readActivation } from './read-activation.ts';
import { readConvWindow1d, resolveWindow } from './read-window.ts';
import { requireOneGroup } from './require-one-group.ts';

/** A convolution along the steps of [steps, channels]: one over a map of one row. */
export const conv1d: LayerType = {
  classNames: ['Conv1D'],
  prunable: ['kernel'],
  lower: (config) => {
    config.requireChannelsLast();
    requireOneGroup(config);
    const filters = config.positiveInteger('filters');
    const useBias = config.boolean('useBias', true);
    const activation = readActivation(config);
    const window = readConvWindow1d(config);
    return (call) => {
      const { input, x } = sequenceInput(call);
      const sums = emitConv2d(call.plan, call.name, input, {
        kernel: call.weight('kernel', [window.kernel[1], x.channels, filters]),
        outputs: filters,
        ...(useBias && { bias: call.weight('bias', [filters]) }),
        window: resolveWindow(call.name, window, x),
      });
      return [activateValue(call.op, sums, activation)];
    };
  },
};
