import { emitDepthwise } from '../plan/emit/depthwise.ts';
import { mapInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activateValue } from './ops/activations.ts';
import { readActivation } from './read-activation.ts';
import { readConvWindow, resolveWindow } from './read-window.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** A convolution of each channel by itself. TFMOT leaves its few weights alone, so nothing is prunable. */
export const depthwiseConv2d: LayerType = {
  classNames: ['DepthwiseConv2D'],
  prunable: [],
  lower: (config) => {
    config.requireChannelsLast();
    const multiplier = config.positiveInteger('depthMultiplier', 1);
    const useBias = config.boolean('useBias', true);
    const activation = readActivation(config);
    const window = readConvWindow(config);
    if (window.dilations.some((rate) => rate !== 1)) {
      throw new UnsupportedFeature(
        `dilationRate = [${window.dilations}]: TensorFlow.js 4.22 ignores it here, Keras does not, so it is not clear what the model should compute; ${keepInTensorFlow}`,
      );
    }
    // In Keras 3 it is a kernel like any other.
    const kernelName = config.dialect === 'keras3' ? 'kernel' : 'depthwise_kernel';
    return (call) => {
      const { input, x } = mapInput(call);
      const sums = emitDepthwise(call.plan, call.name, input, {
        kernel: call.weight(kernelName, [...window.kernel, x.channels, multiplier]),
        multiplier,
        ...(useBias && { bias: call.weight('bias', [x.channels * multiplier]) }),
        window: resolveWindow(call.name, window, x),
      });
      return [activateValue(call.op, sums, activation)];
    };
  },
};
