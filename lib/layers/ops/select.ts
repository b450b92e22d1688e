import { broadcastShape } from '../../plan/strides.ts';
import { castTo } from './cast.ts';
import { BatchIsMixed, type GraphTensor } from './graph-tensor.ts';
import type { OpType } from './op-type.ts';
import { reshapeTo } from './reshape.ts';

/** One of two tensors, element by element. */
export const select: OpType = {
  ops: ['Select', 'SelectV2'],
  lower: (call) => {
    const [a, b] = [call.input(1), call.input(2)];
    let condition = castTo(call, call.input(0), 'bool');
    // Select (not V2): a vector chooses whole rows.
    if (call.op === 'Select' && condition.shape.length === 1 && a.shape.length > 1)
      condition = reshapeTo(call, condition, [condition.shape[0]!, ...a.shape.slice(1).map(() => 1)]);
    const tensors = [condition, a, b];
    const hidden = call.hidden(tensors);
    const rank = Math.max(...tensors.map(({ shape }) => shape.length));
    const operands = tensors.map((tensor) => call.beside(tensor, rank, hidden));
    const shapes = operands.map((tensor: GraphTensor) => {
      if (tensor.kind === 'sizes') throw new BatchIsMixed();
      if (hidden === 1 && tensor.kind === 'value' && tensor.shape.length !== rank) throw new BatchIsMixed();
      return call.shapeIn(tensor);
    });
    const shape = shapes.reduce<number[] | undefined>((all, own) => all && broadcastShape(all, own), []);
    if (!shape) throw call.unfit('operands that broadcast', [...a.shape, ...b.shape]);
    return [call.array({ op: 'select' }, operands, shape, a.dtype)];
  },
};
