import { emitConv2dTranspose } from '../plan/emit/conv2d-transpose.ts';
import { padAxis } from '../plan/geometry.ts';
import { mapInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { activateValue } from './ops/activations.ts';
import { readActivation } from './read-activation.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** The gradient of a convolution with respect to its input, as a layer; then bias and activation. */
export const conv2dTranspose: LayerType = {
  classNames: ['Conv2DTranspose'],
  prunable: ['kernel'],
  lower: (config) => {
    config.requireChannelsLast();
    if (config.get('outputPadding') !== undefined)
      throw new UnsupportedFeature(
        `outputPadding, which TensorFlow.js ignores, is not compiled; ${keepInTensorFlow}`,
      );
    if (config.pair('dilationRate', [1, 1]).some((rate) => rate !== 1))
      throw new UnsupportedFeature(
        `dilationRate, which TensorFlow.js ignores here, is not compiled; ${keepInTensorFlow}`,
      );
    const outputs = config.positiveInteger('filters');
    const useBias = config.boolean('useBias', true);
    const activation = readActivation(config);
    const kernel = config.pair('kernelSize');
    const strides = config.pair('strides', [1, 1]);
    const padding = config.padding();
    return (call) => {
      const { input, x } = mapInput(call);
      const grown = (size: number, i: 0 | 1) =>
        size * strides[i] + (padding === 'valid' ? Math.max(kernel[i] - strides[i], 0) : 0);
      const size: [number, number] = [grown(x.height, 0), grown(x.width, 1)];
      const before = (i: 0 | 1) => padAxis(padding, size[i], kernel[i], strides[i], 1)[0];
      const sums = emitConv2dTranspose(call.plan, call.name, input, {
        kernel: call.weight('kernel', [...kernel, outputs, x.channels]),
        outputs,
        ...(useBias && { bias: call.weight('bias', [outputs]) }),
        window: { kernel, strides, dilations: [1, 1], padding: [before(0), 0, before(1), 0] },
        size,
      });
      return [activateValue(call.op, sums, activation)];
    };
  },
};
