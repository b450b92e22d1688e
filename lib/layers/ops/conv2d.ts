import { emitConv2d } from '../../plan/emit/conv2d.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { readEpilogue } from './epilogue.ts';
import type { OpType } from './op-type.ts';
import { readWindow, requireChannelsLast } from './window.ts';

/** A convolution, with bias and activation where they are fused. */
export const conv2d: OpType = {
  ops: ['Conv2D', '_FusedConv2D'],
  lower: (call) => {
    requireChannelsLast(call);
    const { id, x } = call.picture();
    const { shape, data } = call.weight(1);
    const [height, width, inputs, outputs] = shape;
    if (shape.length !== 4) throw call.unfit('a filter of four axes', shape);
    if (inputs !== x.channels) {
      if (x.channels % inputs! === 0)
        throw new UnsupportedFeature(`a convolution in groups is not compiled; ${keepInTensorFlow}`);
      throw call.unfit(`a filter of ${x.channels} input channels`, shape);
    }
    const { bias, finish } = readEpilogue(call, outputs!);
    const window = readWindow(call, x, [height!, width!]);
    const operands = { kernel: data, outputs: outputs!, window, ...(bias && { bias }) };
    return [call.computed(finish(emitConv2d(call.plan, call.name, id, operands)))];
  },
};
