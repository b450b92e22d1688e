import { emitAffine } from '../../plan/emit/affine.ts';
import { emitPool } from '../../plan/emit/pool.ts';
import { emitReshape } from '../../plan/emit/reshape.ts';
import type { ReduceFunction } from '../../plan/functions.ts';
import { isFlattened } from '../../plan/geometry.ts';
import { BatchIsMixed, type Computed, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

const functions: Readonly<Record<string, ReduceFunction>> = {
  Mean: 'mean',
  Sum: 'sum',
  Max: 'max',
  Min: 'min',
  Prod: 'prod',
  Any: 'any',
  All: 'all',
};

/** One number out of those along some axes. */
export const reduce: OpType = {
  ops: Object.keys(functions),
  lower: (call) => {
    const tensor = call.input(0);
    const rank = tensor.shape.length;
    const axes = [...new Set(call.integers(1).map((axis) => call.axisOf(axis, rank)))].sort((a, b) => a - b);
    const keepDims = call.attributes.boolean('keep_dims', false);
    return [reduceAxes(call, functions[call.op]!, tensor, axes, keepDims)];
  },
};

/** @param axes - rising, the batch counted */
export function reduceAxes(
  call: OpCall,
  fn: ReduceFunction,
  tensor: GraphTensor,
  axes: readonly number[],
  keepDims: boolean,
): GraphTensor {
  if (axes.length === 0) return tensor;
  return overPositions(call, fn, tensor, axes, keepDims) ?? overAxes(call, fn, tensor, axes, keepDims);
}

/** All positions of a map and nothing else: one window. */
function overPositions(
  call: OpCall,
  fn: ReduceFunction,
  tensor: GraphTensor,
  axes: readonly number[],
  keepDims: boolean,
): GraphTensor | undefined {
  const rank = tensor.shape.length;
  if (!call.isMap(tensor) || (fn !== 'mean' && fn !== 'max' && fn !== 'sum')) return undefined;
  if (rank < 3 || axes.length !== rank - 2 || axes.some((axis) => axis === 0 || axis === rank - 1))
    return undefined;
  const x = call.plan.value((tensor as Computed).id);
  if (isFlattened(x)) return undefined;
  const window = {
    kernel: [x.height, x.width] as [number, number],
    strides: [1, 1] as [number, number],
    dilations: [1, 1] as [number, number],
    padding: [0, 0, 0, 0] as [number, number, number, number],
  };
  let id = emitPool(call.plan, call.name, tensor.id, fn === 'max' ? 'max' : 'avg', window);
  if (fn === 'sum') {
    const scale = new Float32Array(x.channels).fill(x.height * x.width);
    id = emitAffine(call.plan, call.name, id, { scale, shift: new Float32Array(x.channels) });
  }
  const shape = keepDims ? [...new Array<number>(rank - 2).fill(1), x.channels] : [x.channels];
  return call.computed(emitReshape(call.plan, call.name, id, shape) ?? id);
}

function overAxes(
  call: OpCall,
  fn: ReduceFunction,
  tensor: GraphTensor,
  axes: readonly number[],
  keepDims: boolean,
): GraphTensor {
  if (tensor.kind === 'sizes') throw new BatchIsMixed();
  const hidden = call.hidden([tensor]);
  if (hidden === 1 && axes[0] === 0) throw new BatchIsMixed();
  const shape = call.shapeIn(tensor);
  const reduced = axes.map((axis) => axis - hidden);
  const rest = shape.filter((_, axis) => !reduced.includes(axis));
  const result = call.array({ op: 'reduce', function: fn, axes: reduced }, [tensor], rest, tensor.dtype);
  if (!keepDims) return result;
  return call.rename(
    result,
    shape.map((size, axis) => (reduced.includes(axis) ? 1 : size)),
  );
}

/** Position of the largest or smallest along an axis. */
export const argReduce: OpType = {
  ops: ['ArgMax', 'ArgMin'],
  lower: (call) => {
    const tensor = call.input(0);
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    const hidden = call.hidden([tensor]);
    const axis = call.axisOf(call.integer(1), tensor.shape.length) - hidden;
    if (axis < 0) throw new BatchIsMixed();
    const shape = call.shapeIn(tensor);
    const rest = shape.filter((_, i) => i !== axis);
    const fn = call.op === 'ArgMax' ? 'argMax' : 'argMin';
    return [call.array({ op: 'reduce', function: fn, axes: [axis] }, [tensor], rest, 'int32')];
  },
};
