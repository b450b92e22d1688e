import type { BinaryFunction, ReduceFunction, UnaryFunction } from '../plan/functions.ts';
import { TensorArgument } from './call-arguments.ts';
import type { FunctionCall } from './function-call.ts';
import { activate, type NamedActivation } from './ops/activations.ts';
import { combine } from './ops/binary.ts';
import { castTo } from './ops/cast.ts';
import { join } from './ops/concat.ts';
import { constant, type GraphTensor } from './ops/graph-tensor.ts';
import { product } from './ops/matmul.ts';
import { reduceAxes } from './ops/reduce.ts';
import { reshapeTo } from './ops/reshape.ts';
import { takeSlices } from './ops/slice.ts';
import { permute } from './ops/transpose.ts';
import { applyUnary } from './ops/unary.ts';

/** Adds the steps of a function of tensors and numbers. */
export type LowerFunction = (call: FunctionCall) => GraphTensor;

/** f(x, y), broadcast. */
export const binary =
  (fn: BinaryFunction): LowerFunction =>
  (call) =>
    combine(call.op, fn, call.tensor(0, 'x', 'x1', 'value'), call.tensor(1, 'y', 'x2', 'bias'));

/** f of each element. */
export const unary =
  (fn: UnaryFunction): LowerFunction =>
  (call) =>
    applyUnary(call.op, fn, call.tensor(0, 'x'));

export const activation =
  (type: NamedActivation): LowerFunction =>
  (call) =>
    activate(call.op, call.tensor(0, 'x'), type);

/** Softmax and its logarithm, of the last axis only. */
export const overLastAxis =
  (type: 'softmax' | 'logSoftmax'): LowerFunction =>
  (call) => {
    const x = call.tensor(0, 'x');
    const [axis, ...others] = call.integers(1, 'axis', 'dim') ?? [-1];
    call.require(others.length === 0 && call.op.axisOf(axis!, x.shape.length) === x.shape.length - 1, 'axis');
    return activate(call.op, x, { type });
  };

export const gelu =
  (approximate: boolean): LowerFunction =>
  (call) => {
    const type = call.flag(approximate, 1, 'approximate') ? 'geluTanh' : 'gelu';
    return activate(call.op, call.tensor(0, 'x'), { type });
  };

export const leakyRelu: LowerFunction = (call) => {
  const alpha = call.number(0.2, 1, 'alpha', 'negativeSlope');
  return activate(call.op, call.tensor(0, 'x'), { type: 'leakyRelu', alpha });
};

/** One number out of those along some axes. */
export const reduce =
  (fn: ReduceFunction): LowerFunction =>
  (call) => {
    const x = call.tensor(0, 'x');
    return reduceAxes(call.op, fn, x, call.axes(x, 1, 'axis'), call.flag(false, 2, 'keepdims', 'keepDims'));
  };

export const reshape: LowerFunction = (call) =>
  reshapeTo(call.op, call.tensor(0, 'x'), call.integers(1, 'shape', 'newshape') ?? []);

export const transpose: LowerFunction = (call) => {
  const x = call.tensor(0, 'x');
  const backwards = x.shape.map((_, axis) => x.shape.length - 1 - axis);
  return permute(call.op, x, call.integers(1, 'perm', 'axes') ?? backwards);
};

export const expandDims: LowerFunction = (call) => {
  const x = call.tensor(0, 'x');
  const [axis = -1] = call.integers(1, 'axis') ?? [];
  return reshapeTo(call.op, x, x.shape.toSpliced(call.op.axisOf(axis, x.shape.length + 1), 0, 1));
};

export const squeeze: LowerFunction = (call) => {
  const x = call.tensor(0, 'x');
  const ones = x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const axes = call.value(1, 'axis') === undefined ? ones : call.axes(x, 1, 'axis');
  if (axes.some((axis) => x.shape[axis] !== 1)) throw call.op.unfit('axes of one entry', [...x.shape]);
  return reshapeTo(
    call.op,
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );
};

export const concat: LowerFunction = (call) => {
  const tensors = call.tensors(0, 'values', 'xs');
  const axis = call.number(-1, 1, 'axis');
  return join(call.op, tensors, call.op.axisOf(axis, tensors[0]?.shape.length ?? 0));
};

export const stack: LowerFunction = (call) => {
  const tensors = call.tensors(0, 'values', 'x');
  const rank = tensors[0]?.shape.length ?? 0;
  const axis = call.op.axisOf(call.number(0, 1, 'axis'), rank + 1);
  const wide = tensors.map((tensor) => reshapeTo(call.op, tensor, tensor.shape.toSpliced(axis, 0, 1)));
  return join(call.op, wide, axis);
};

export const matmul: LowerFunction = (call) => {
  const sides = [call.flag(false, 2, 'transposeA'), call.flag(false, 3, 'transposeB')] as const;
  return product(call.op, call.tensor(0, 'a', 'x1'), call.tensor(1, 'b', 'x2'), ...sides);
};

export const clip: LowerFunction = (call) => {
  const min = call.number(Number.NaN, 1, 'clipValueMin', 'xMin');
  const max = call.number(Number.NaN, 2, 'clipValueMax', 'xMax');
  return activate(call.op, call.tensor(0, 't', 'x'), { type: 'clamp', min, max });
};

/** x / sqrt(sum of x² along some axes, epsilon at least). */
export const l2Normalize: LowerFunction = (call) => {
  const x = call.tensor(0, 'x');
  const squares = applyUnary(call.op, 'square', x);
  const sum = reduceAxes(call.op, 'sum', squares, call.axes(x, 1, 'axis'), true);
  const least = constant('float32', [], Float32Array.of(call.number(1e-12, 2, 'epsilon')));
  return combine(call.op, 'mul', x, applyUnary(call.op, 'rsqrt', combine(call.op, 'max', sum, least)));
};

export const addN: LowerFunction = (call) => {
  const [first, ...others] = call.tensors(0, 'inputs');
  return others.reduce((sum, next) => combine(call.op, 'add', sum, next), first!);
};

/** To float32; integers and bools have no place between layers. */
export const toFloats: LowerFunction = (call) => {
  call.require(call.value(1, 'dtype') === 'float32', 'dtype');
  return castTo(call.op, call.tensor(0, 'x'), 'float32');
};

export const identity: LowerFunction = (call) => call.tensor(0, 'x', 'input');

/** x[a:b, ..., c]: slices, entries, new axes and an ellipsis. */
export const getItem: LowerFunction = (call) => {
  const spec = call.value(1, 'sliceSpec', 'key');
  const list: unknown[] = Array.isArray(spec) ? spec : [spec];
  call.require(!list.some((item) => item instanceof TensorArgument), 'sliceSpec');
  return takeSlices(call.op, call.tensor(0, 'x'), list.map(unwrapSlice));
};

/** Keras 3 wraps slices and the ellipsis as objects with a class, Keras 2 the latter only. */
function unwrapSlice(item: unknown): unknown {
  const { class_name, config } = (item ?? {}) as { class_name?: unknown; config?: unknown };
  if (class_name === '__ellipsis__') return '...';
  return class_name === '__slice__' ? config : item;
}
