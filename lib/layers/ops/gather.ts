import { sizeOf } from '../../plan/geometry.ts';
import { combine } from './binary.ts';
import { castTo } from './cast.ts';
import { BatchIsMixed, constant, type GraphTensor, numbersOf, reshaped } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';
import { reshapeTo } from './reshape.ts';
import { permute } from './transpose.ts';

/** Slices along an axis, by index. */
export const gather: OpType = {
  ops: ['GatherV2', 'Gather'],
  lower: (call) => {
    const [tensor, indices] = [call.input(0), indicesOf(call)];
    if (tensor.kind === 'sizes' || indices.kind === 'sizes') throw new BatchIsMixed();
    const axis = call.op === 'GatherV2' ? call.axisOf(call.integer(2), tensor.shape.length) : 0;
    const batchDims = call.attributes.integer('batch_dims', 0);
    const shared = batchDims < 0 ? batchDims + indices.shape.length : batchDims;
    if (shared !== 0) return [gatherShared(call, tensor, indices, axis, shared)];
    const hidden = call.hidden([tensor]);
    // Indices that are computed for each row of an open batch stand in front of the result's other axes.
    if (axis < hidden || (indices.kind === 'value' && call.hidden([indices]) === 1)) throw new BatchIsMixed();
    const own = axis - hidden;
    const shape = call.shapeIn(tensor);
    const places = call.shapeIn(indices);
    const result = [...shape.slice(0, own), ...places, ...shape.slice(own + 1)];
    const step = { op: 'gather' as const, axis: own, along: false };
    return [call.array(step, [tensor, countedFrom0(indices, shape[own]!)], result, tensor.dtype)];
  },
};

/**
 * The first axes are those of both: each place there has indices of its own. They are laid one behind the other, and so are the
 * entries that the indices mean.
 */
function gatherShared(
  call: OpCall,
  tensor: GraphTensor,
  indices: GraphTensor,
  axis: number,
  shared: number,
): GraphTensor {
  if (call.hidden([tensor, indices]) === 1) throw new BatchIsMixed();
  const [shape, places] = [call.shapeIn(tensor), call.shapeIn(indices)];
  const front = places.slice(0, shared);
  if (shared < 0 || shared > axis || `${shape.slice(0, shared)}` !== `${front}`)
    throw call.unfit(`indices whose first ${shared} axes are those of [${shape}]`, places);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const between = range(shared, axis);
  const moved = permute(call, tensor, [
    ...range(0, shared),
    axis,
    ...between,
    ...range(axis + 1, shape.length),
  ]);
  const [size, rest] = [shape[axis]!, numbersOf(moved.shape.slice(shared + 1))];
  const count = sizeOf(front);
  const starts = constant(
    'int32',
    [...front, ...places.slice(shared).map(() => 1)],
    Int32Array.from({ length: count }, (_, i) => i * size),
  );
  const entries = combine(call, 'add', countedFrom0(indices, size), starts);
  const found = call.array(
    { op: 'gather', axis: 0, along: false },
    [reshapeTo(call, moved, [count * size, ...rest]), entries],
    [...places, ...rest],
    tensor.dtype,
  );
  const last = places.length;
  return permute(call, found, [
    ...range(0, shared),
    ...between.map((_, i) => last + i),
    ...range(shared, last),
    ...range(last + between.length, last + rest.length),
  ]);
}

/** Slices by tuples of indices. */
export const gatherNd: OpType = {
  ops: ['GatherNd'],
  lower: (call) => {
    const [tensor, indices] = [call.input(0), indicesOf(call)];
    if (tensor.kind === 'sizes' || indices.kind === 'sizes') throw new BatchIsMixed();
    if (call.hidden([tensor, indices]) === 1) throw new BatchIsMixed();
    const [shape, places] = [call.shapeIn(tensor), call.shapeIn(indices)];
    const depth = places.at(-1) ?? 0;
    if (depth < 1 || depth > shape.length)
      throw call.unfit(`tuples of up to ${shape.length} indices`, places);
    const result = [...places.slice(0, -1), ...shape.slice(depth)];
    return [call.array({ op: 'gatherNd' }, [tensor, indices], result, tensor.dtype)];
  },
};

/** Arithmetic with floats may have come before: TF.js takes what is left of them. */
function indicesOf(call: OpCall): GraphTensor {
  return castTo(call, call.input(1), 'int32');
}

/** Known indices may count from the end. */
function countedFrom0(indices: GraphTensor, size: number): GraphTensor {
  if (indices.kind !== 'constant') return indices;
  const data = Int32Array.from(indices.data, (index) => (index < 0 ? index + size : index));
  return reshaped({ ...indices, data }, indices.shape);
}
