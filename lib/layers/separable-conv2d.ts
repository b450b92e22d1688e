import { emitConv2d } from '../plan/emit/conv2d.ts';
import { emitDepthwise } from '../plan/emit/depthwise.ts';
import { mapInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activateValue } from './ops/activations.ts';
import { readActivation } from './read-activation.ts';
import { readConvWindow, resolveWindow } from './read-window.ts';

/** A convolution of each channel by itself, then one of 1x1; bias and activation behind both. */
export const separableConv2d: LayerType = {
  classNames: ['SeparableConv2D'],
  prunable: ['pointwise_kernel'],
  lower: (config) => {
    config.requireChannelsLast();
    const filters = config.positiveInteger('filters');
    const multiplier = config.positiveInteger('depthMultiplier', 1);
    const useBias = config.boolean('useBias', true);
    const activation = readActivation(config);
    const window = readConvWindow(config);
    return (call) => {
      const { input, x } = mapInput(call);
      const spread = emitDepthwise(call.plan, `${call.name}/depthwise`, input, {
        kernel: call.weight('depthwise_kernel', [...window.kernel, x.channels, multiplier]),
        multiplier,
        window: resolveWindow(call.name, window, x),
      });
      const sums = emitConv2d(call.plan, call.name, spread, {
        kernel: call.weight('pointwise_kernel', [1, 1, x.channels * multiplier, filters]),
        outputs: filters,
        ...(useBias && { bias: call.weight('bias', [filters]) }),
        window: { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0] },
      });
      return [activateValue(call.op, sums, activation)];
    };
  },
};
