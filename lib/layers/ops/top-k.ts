import { BatchIsMixed } from './graph-tensor.ts';
import type { OpType } from './op-type.ts';

/** The largest along the last axis, and their positions. */
export const topK: OpType = {
  ops: ['TopKV2'],
  lower: (call) => {
    const tensor = call.input(0);
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    const k = call.integer(1);
    const shape = call.shapeIn(tensor);
    if (shape.length === 0 || k < 1 || k > shape.at(-1)!) throw call.unfit(`1 to ${shape.at(-1)} of them`, k);
    const result = shape.with(-1, k);
    const positions = call.array({ op: 'topK' }, [tensor], result, 'int32');
    const axis = shape.length - 1;
    return [
      call.array({ op: 'gather', axis, along: true }, [tensor, positions], result, tensor.dtype),
      positions,
    ];
  },
};
