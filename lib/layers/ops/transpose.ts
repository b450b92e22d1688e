import { rowMajorStrides } from '../../plan/strides.ts';
import { BatchIsMixed, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

/** The axes in another order. */
export const transpose: OpType = {
  ops: ['Transpose'],
  lower: (call) => [permute(call, call.input(0), call.integers(1))],
};

/** @param axes - for each axis of the result the axis of the tensor that it is, the batch counted */
export function permute(call: OpCall, tensor: GraphTensor, axes: readonly number[]): GraphTensor {
  if (tensor.kind === 'sizes') throw new BatchIsMixed();
  const order = axes.map((axis) => call.axisOf(axis, tensor.shape.length));
  if (new Set(order).size !== tensor.shape.length || order.length !== tensor.shape.length)
    throw call.unfit('every axis once', order);
  if (order.every((axis, i) => axis === i)) return tensor;
  const hidden = call.hidden([tensor]);
  if (hidden === 1 && order[0] !== 0) throw new BatchIsMixed();
  const own = order.slice(hidden).map((axis) => axis - hidden);
  const shape = call.shapeIn(tensor);
  const strides = rowMajorStrides(shape);
  const sizes = own.map((axis) => shape[axis]!);
  const step = { op: 'strided' as const, sizes, strides: own.map((axis) => strides[axis]!), offset: 0 };
  return call.array(step, [tensor], sizes, tensor.dtype);
}
