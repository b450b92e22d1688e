import { rowMajorStrides } from '../../plan/strides.ts';
import { BatchIsMixed } from './graph-tensor.ts';
import type { OpType } from './op-type.ts';

/** The axes in another order. */
export const transpose: OpType = {
  ops: ['Transpose'],
  lower: (call) => {
    const tensor = call.input(0);
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    const order = call.integers(1).map((axis) => call.axisOf(axis, tensor.shape.length));
    if (new Set(order).size !== tensor.shape.length) throw call.unfit('every axis once', order);
    if (order.every((axis, i) => axis === i)) return [tensor];
    const hidden = call.hidden([tensor]);
    if (hidden === 1 && order[0] !== 0) throw new BatchIsMixed();
    const own = order.slice(hidden).map((axis) => axis - hidden);
    const shape = call.shapeIn(tensor);
    const strides = rowMajorStrides(shape);
    const sizes = own.map((axis) => shape[axis]!);
    const step = { op: 'strided' as const, sizes, strides: own.map((axis) => strides[axis]!), offset: 0 };
    return [call.array(step, [tensor], sizes, tensor.dtype)];
  },
};
