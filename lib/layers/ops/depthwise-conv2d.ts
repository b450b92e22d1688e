import { emitDepthwise } from '../../plan/emit/depthwise.ts';
import { readEpilogue } from './epilogue.ts';
import type { OpType } from './op-type.ts';
import { readWindow, requireChannelsLast } from './window.ts';

/** A convolution of each channel by itself. */
export const depthwiseConv2d: OpType = {
  ops: ['DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative'],
  lower: (call) => {
    requireChannelsLast(call);
    const picture = call.picture();
    const { x } = picture;
    const { shape, data } = call.weight(1);
    const [height, width, inputs, multiplier] = shape;
    if (shape.length !== 4 || inputs !== x.channels)
      throw call.unfit(`a filter of ${x.channels} input channels`, shape);
    const { bias, finish } = readEpilogue(call, x.channels * multiplier!);
    const { id, window } = readWindow(call, picture, [height!, width!]);
    const operands = { kernel: data, multiplier: multiplier!, window, ...(bias && { bias }) };
    return [finish(call.computed(emitDepthwise(call.plan, call.name, id, operands)))];
  },
};
