import { emitReshape } from '../../plan/emit/reshape.ts';
import { sizeOf } from '../../plan/geometry.ts';
import { BatchIsMixed, type Dim, type GraphTensor, isBatch, numbersOf } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

/** Another shape of the same elements. */
export const reshape: OpType = {
  ops: ['Reshape'],
  lower: (call) => [reshapeTo(call, call.input(0), call.dims(1))],
};

/** Takes axes of one entry out. */
export const squeeze: OpType = {
  ops: ['Squeeze'],
  lower: (call) => {
    const { shape } = call.input(0);
    const listed = [...call.attributes.integers('squeeze_dims'), ...call.attributes.integers('axis')];
    const axes = listed.map((axis) => call.axisOf(axis, shape.length));
    const isSqueezed = (dim: Dim, axis: number) =>
      listed.length > 0 ? axes.includes(axis) : !isBatch(dim) && dim === 1;
    for (const axis of axes) {
      if (isBatch(shape[axis])) throw new BatchIsMixed();
      if (shape[axis] !== 1) throw call.unfit('axes of one entry', [...shape]);
    }
    const kept = shape.filter((dim, axis) => !isSqueezed(dim, axis));
    return [reshapeTo(call, call.input(0), kept)];
  },
};

/** Puts an axis of one entry in. */
export const expandDims: OpType = {
  ops: ['ExpandDims'],
  lower: (call) => {
    const { shape } = call.input(0);
    const axis = call.axisOf(call.integer(1), shape.length + 1);
    return [reshapeTo(call, call.input(0), [...shape.slice(0, axis), 1, ...shape.slice(axis)])];
  },
};

/** @param target - with at most one -1 */
export function reshapeTo(call: OpCall, tensor: GraphTensor, target: readonly Dim[]): GraphTensor {
  if (tensor.kind === 'sizes')
    return { ...tensor, shape: resolve(call, tensor.dims.length, numbersOf(target)) };
  if (tensor.kind === 'constant')
    return { ...tensor, shape: resolve(call, tensor.data.length, numbersOf(target)) };
  if (call.plan.batch !== undefined) {
    const shape = resolve(call, sizeOf(numbersOf(tensor.shape)), numbersOf(target));
    if (call.isMap(tensor) && shape[0] === call.plan.batch && shape.length > 1)
      return reshapeMap(call, tensor, shape.slice(1)) ?? call.rename(tensor, shape);
    return call.rename(tensor, shape);
  }
  const size = sizeOf(numbersOf(tensor.shape.slice(1)));
  const shape = withoutBatch(call, size, target);
  if (call.isMap(tensor) && shape.length > 0)
    return reshapeMap(call, tensor, shape) ?? call.rename(tensor, shape);
  return call.rename(tensor, shape);
}

/** Where nothing has to move. */
function reshapeMap(call: OpCall, tensor: GraphTensor, shape: readonly number[]): GraphTensor | undefined {
  const id = emitReshape(call.plan, call.name, call.map(tensor).id, shape);
  return id === undefined ? undefined : call.computed(id);
}

/** The target of one row, when its first axis is the open batch. */
function withoutBatch(call: OpCall, size: number, [first, ...rest]: readonly Dim[]): number[] {
  const row = numbersOf(rest);
  const unknown = row.indexOf(-1);
  const known = sizeOf(row.filter((dim) => dim !== -1));
  if (isBatch(first) && first.batches === 1) return resolve(call, size, row);
  // [-1, …]: what the others leave over must be the batch.
  if (first === -1 && unknown < 0 && known === size) return row;
  throw new BatchIsMixed();
}

function resolve(call: OpCall, size: number, target: readonly number[]): number[] {
  const known = sizeOf(target.filter((dim) => dim !== -1));
  const shape = target.map((dim) => (dim === -1 ? size / known : dim));
  if (sizeOf(shape) !== size || !shape.every((dim) => Number.isInteger(dim) && dim >= 0))
    throw call.unfit(`a shape of ${size} elements`, [...target]);
  return shape;
}
