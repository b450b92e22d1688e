import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { castTo } from './cast.ts';
import { BatchIsMixed, type GraphTensor, reshaped } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

/** Slices along an axis, by index. */
export const gather: OpType = {
  ops: ['GatherV2', 'Gather'],
  lower: (call) => {
    const [tensor, indices] = [call.input(0), indicesOf(call)];
    if (tensor.kind === 'sizes' || indices.kind === 'sizes') throw new BatchIsMixed();
    if (call.attributes.integer('batch_dims', 0) !== 0)
      throw new UnsupportedFeature(`batch_dims are not compiled; ${keepInTensorFlow}`);
    const axis = call.op === 'GatherV2' ? call.axisOf(call.integer(2), tensor.shape.length) : 0;
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
