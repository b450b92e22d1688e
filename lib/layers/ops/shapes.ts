import type { Constant } from '../../plan/evaluate.ts';
import { sizeOf } from '../../plan/geometry.ts';
import { broadcastShape, rowMajorStrides } from '../../plan/strides.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { counted } from './counted.ts';
import {
  BatchIsMixed,
  type Count,
  constant,
  type GraphTensor,
  isBatch,
  isCount,
  numbersOf,
  sizesTensor,
} from './graph-tensor.ts';
import { checkCount, checkElements } from './limits.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

/** The shape of a tensor, known when the model is compiled but for the batch. */
export const shapeOp: OpType = {
  ops: ['Shape', 'ShapeN'],
  lower: (call) => call.inputs.map(({ shape }) => sizesTensor([shape.length], shape)),
};

/** How many elements and how many axes. */
export const size: OpType = {
  ops: ['Size', 'Rank'],
  lower: (call) => {
    const { shape } = call.input(0);
    if (call.op === 'Rank') return [constant('int32', [], Int32Array.of(shape.length))];
    const [first, ...rest] = shape;
    if (isBatch(first)) return [sizesTensor([], [{ batches: first.batches * sizeOf(numbersOf(rest)) }])];
    return [constant('int32', [], Int32Array.of(sizeOf(numbersOf(shape))))];
  },
};

/** start, start + delta, … below limit. */
export const range: OpType = {
  ops: ['Range'],
  lower: (call) => {
    const [last] = call.input(1).kind === 'sizes' ? call.dims(1) : [];
    if (isCount(last)) return [countedRange(call, last)];
    const [start, limit, delta] = [0, 1, 2].map((i) => call.constant(i));
    const [first, end, step] = [start!.data[0]!, limit!.data[0]!, delta!.data[0]!];
    const count = Math.max(0, Math.ceil((end - first) / step));
    if (!Number.isSafeInteger(count) || count > 0x7fffffff)
      throw call.unfit('a range that ends', [first, end, step]);
    checkCount(count);
    const entries = Array.from({ length: count }, (_, i) => first + i * step);
    const data = start!.dtype === 'float32' ? Float32Array.from(entries) : Int32Array.from(entries);
    return [constant(start!.dtype, [count], data)];
  },
};

/** 0, 1, … below a number that the run finds. */
function countedRange(call: OpCall, limit: Count): GraphTensor {
  if (call.integer(0) !== 0 || call.integer(2) !== 1 || limit.most > 0xffffff)
    throw new UnsupportedFeature(`a range to a number that the run finds begins at 0; ${keepInTensorFlow}`);
  const entries = Int32Array.from({ length: Math.max(1, limit.most) }, (_, i) => i);
  return counted(call, constant('int32', [entries.length], entries), limit);
}

/** One number everywhere. */
export const fill: OpType = {
  ops: ['Fill', 'ZerosLike', 'OnesLike'],
  lower: (call) => {
    if (call.op === 'Fill') {
      const { data, dtype } = call.constant(1);
      const [first, ...rest] = call.dims(0);
      if (!isCount(first)) return [filled(call.integers(0), dtype, data[0]!)];
      return [counted(call, filled([Math.max(1, first.most), ...numbersOf(rest)], dtype, data[0]!), first)];
    }
    const { shape, dtype } = call.input(0);
    return [filled(numbersOf(shape), dtype, call.op === 'OnesLike' ? 1 : 0)];
  },
};

function filled(shape: readonly number[], dtype: GraphTensor['dtype'], value: number): Constant {
  const count = sizeOf(shape);
  checkElements(count);
  const data = dtype === 'float32' ? new Float32Array(count).fill(value) : new Int32Array(count).fill(value);
  return constant(dtype, shape, data);
}

/** Known numbers at known places, one default elsewhere. */
export const sparseToDense: OpType = {
  ops: ['SparseToDense'],
  lower: (call) => {
    const [indices, values, missing] = [call.constant(0), call.constant(2), call.constant(3)];
    const shape = call.integers(1);
    const dense = filled(shape, values.dtype, missing.data[0]!);
    const strides = rowMajorStrides(shape);
    const places = indices.shape.length === 0 ? 1 : indices.shape[0]!;
    for (let i = 0; i < places; i++) {
      const place = strides.reduce(
        (sum, stride, axis) => sum + stride * indices.data[i * strides.length + axis]!,
        0,
      );
      if (!(place >= 0 && place < dense.data.length)) throw call.unfit(`places inside [${shape}]`, place);
      dense.data[place] = values.data[values.data.length === 1 ? 0 : i]!;
    }
    return [dense];
  },
};

/** A tensor repeated along its axes. */
export const tile: OpType = {
  ops: ['Tile'],
  lower: (call) => {
    const tensor = call.input(0);
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    const repeats = call.integers(1);
    const hidden = call.hidden([tensor]);
    if (repeats.length !== tensor.shape.length) throw call.unfit(`${tensor.shape.length} numbers`, repeats);
    if (hidden === 1 && repeats[0] !== 1) throw new BatchIsMixed();
    if (repeats.every((count) => count === 1)) return [tensor];
    const own = repeats.slice(hidden);
    const shape = call.shapeIn(tensor);
    const strides = rowMajorStrides(shape);
    // Each axis is two: which copy, and where in it.
    const step = {
      op: 'strided' as const,
      sizes: shape.flatMap((dim, axis) => [own[axis]!, dim]),
      strides: strides.flatMap((stride) => [0, stride]),
      offset: 0,
    };
    const result = shape.map((dim, axis) => dim * own[axis]!);
    return [call.array(step, [tensor], result, tensor.dtype)];
  },
};

/** A tensor repeated along axes of one entry. */
export const broadcastTo: OpType = {
  ops: ['BroadcastTo'],
  lower: (call) => [broadcast(call, call.input(0), call.integers(1))],
};

function broadcast(call: OpCall, tensor: GraphTensor, target: readonly number[]): GraphTensor {
  if (tensor.kind === 'sizes') throw new BatchIsMixed();
  // An open batch cannot be known to be the first of these numbers.
  if (call.hidden([tensor]) === 1) throw new BatchIsMixed();
  const shape = numbersOf(tensor.shape);
  if (`${broadcastShape(shape, target)}` !== `${target}`)
    throw new UnsupportedFeature(`[${shape}] does not broadcast to [${target}]; ${keepInTensorFlow}`);
  const own = rowMajorStrides(shape);
  const missing = target.length - shape.length;
  const strides = target.map((_, axis) =>
    axis < missing || shape[axis - missing] === 1 ? 0 : own[axis - missing]!,
  );
  return call.array(
    { op: 'strided', sizes: [...target], strides, offset: 0 },
    [tensor],
    target,
    tensor.dtype,
  );
}
