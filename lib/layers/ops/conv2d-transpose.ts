import { emitConv2dTranspose } from '../../plan/emit/conv2d-transpose.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import type { OpType } from './op-type.ts';
import { pairOf, requireChannelsLast, transposedPadding } from './window.ts';

/** The gradient of a convolution with respect to its input; inputs: the output's shape, the filter, the picture. */
export const conv2dTranspose: OpType = {
  ops: ['Conv2DBackpropInput'],
  lower: (call) => {
    requireChannelsLast(call);
    const { id, x } = call.picture(2);
    const { shape, data } = call.weight(1);
    const [height, width, outputs, inputs] = shape;
    if (shape.length !== 4 || inputs !== x.channels)
      throw call.unfit(`a filter of ${x.channels} input channels`, shape);
    const dims = call.dims(0).slice(-3);
    const [outHeight, outWidth, outChannels] = dims;
    if (typeof outHeight !== 'number' || typeof outWidth !== 'number' || outChannels !== outputs)
      throw call.unfit(`an output of [batch, height, width, ${outputs}]`, [...call.dims(0)]);
    if (pairOf(call, 'dilations').some((dilation) => dilation !== 1))
      throw new UnsupportedFeature(`dilations are not compiled; ${keepInTensorFlow}`);
    const strides = pairOf(call, 'strides');
    const size = [outHeight, outWidth] as const;
    const kernel: [number, number] = [height!, width!];
    const [top, left] = transposedPadding(call, size, kernel, strides);
    const window = {
      kernel,
      strides,
      dilations: [1, 1] as [number, number],
      padding: [top, 0, left, 0] as [number, number, number, number],
    };
    const operands = { kernel: data, outputs: outputs!, window, size };
    return [call.computed(emitConv2dTranspose(call.plan, call.name, id, operands))];
  },
};
