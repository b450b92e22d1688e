import type { ValueDtype } from '../../plan/plan.ts';
import { BatchIsMixed, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

/** The same numbers in another type. */
export const cast: OpType = {
  ops: ['Cast'],
  lower: (call) => {
    return [castTo(call, call.input(0), call.attributes.dtype('DstT'))];
  },
};

/** A tensor in another type. */
export function castTo(call: OpCall, tensor: GraphTensor, dtype: ValueDtype): GraphTensor {
  if (tensor.dtype === dtype) return tensor;
  if (tensor.kind === 'sizes') throw new BatchIsMixed();
  // A bool is an int32 already.
  const shape = call.shapeIn(tensor);
  if (tensor.dtype === 'bool' && dtype === 'int32') {
    const integers = call.array({ op: 'alias' }, [tensor], shape, dtype);
    call.note(integers, [0, 1]);
    return integers;
  }
  return call.array({ op: 'cast' }, [tensor], shape, dtype);
}
