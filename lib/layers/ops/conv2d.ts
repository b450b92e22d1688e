import { emitConv2d } from '../../plan/emit/conv2d.ts';
import { ungroupKernel } from '../../plan/emit/grouped-kernel.ts';
import { readEpilogue } from './epilogue.ts';
import type { OpType } from './op-type.ts';
import { readWindow, requireChannelsLast } from './window.ts';

/** A convolution, with bias and activation where they are fused. */
export const conv2d: OpType = {
  ops: ['Conv2D', '_FusedConv2D'],
  lower: (call) => {
    requireChannelsLast(call);
    const picture = call.picture();
    const { x } = picture;
    const { shape, data } = call.weight(1);
    const [height, width, inputs, outputs] = shape;
    if (shape.length !== 4) throw call.unfit('a filter of four axes', shape);
    const groups = x.channels / inputs!;
    if (!Number.isInteger(groups) || outputs! % groups !== 0)
      throw call.unfit(`a filter of ${x.channels} input channels, or of a group of them`, shape);
    const { bias, finish } = readEpilogue(call, outputs!);
    const { id, window } = readWindow(call, picture, [height!, width!]);
    const kernel = groups === 1 ? data : ungroupKernel(data, height! * width!, x.channels, outputs!, groups);
    const operands = { kernel, outputs: outputs!, window, ...(bias && { bias }) };
    return [finish(call.computed(emitConv2d(call.plan, call.name, id, operands)))];
  },
};
