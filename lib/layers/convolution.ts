import { emitConv2d } from '../plan/emit/conv2d.ts';
import { mapInput, sequenceInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activateValue } from './ops/activations.ts';
import { readActivation } from './read-activation.ts';
import { readConvWindow, readConvWindow1d, resolveWindow } from './read-window.ts';
import { requireOneGroup } from './require-one-group.ts';

/** activation(conv(x, kernel) + bias), channels last, over maps (2) or over sequences, which are maps of one row (1). */
export function convolution(className: string, dimensions: 1 | 2): LayerType {
  const [readWindow, inputOf] =
    dimensions === 1 ? [readConvWindow1d, sequenceInput] : [readConvWindow, mapInput];
  return {
    classNames: [className],
    prunable: ['kernel'],
    lower: (config) => {
      config.requireChannelsLast();
      requireOneGroup(config);
      const filters = config.positiveInteger('filters');
      const useBias = config.boolean('useBias', true);
      const activation = readActivation(config);
      const window = readWindow(config);
      return (call) => {
        const { input, x } = inputOf(call);
        const sums = emitConv2d(call.plan, call.name, input, {
          kernel: call.weight('kernel', [...window.kernel.slice(-dimensions), x.channels, filters]),
          outputs: filters,
          ...(useBias && { bias: call.weight('bias', [filters]) }),
          window: resolveWindow(call.name, window, x),
        });
        return [activateValue(call.op, sums, activation)];
      };
    },
  };
}
