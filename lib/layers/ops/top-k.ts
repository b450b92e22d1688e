import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { counted } from './counted.ts';
import { BatchIsMixed, constant, isCount } from './graph-tensor.ts';
import type { OpType } from './op-type.ts';

/** The largest along the last axis, and their positions. */
export const topK: OpType = {
  ops: ['TopKV2'],
  lower: (call) => {
    const tensor = call.input(0);
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    const [wanted] = call.dims(1);
    if (isCount(wanted)) {
      if (tensor.shape.length !== 1)
        throw new UnsupportedFeature(`a number of rows' entries that the run finds; ${keepInTensorFlow}`);
      const most = Math.min(wanted.most, call.shapeIn(tensor).at(-1) ?? 0);
      const all = topK.lower(call.with([tensor, constant('int32', [], Int32Array.of(most))]));
      return all.map((result) => counted(call, result, wanted));
    }
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
