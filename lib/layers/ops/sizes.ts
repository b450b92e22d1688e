import { linear } from '../../plan/activations.ts';
import type { BinaryFunction } from '../../plan/functions.ts';
import { sizeOf } from '../../plan/geometry.ts';
import {
  BatchIsMixed,
  type Count,
  constant,
  type Dim,
  type GraphTensor,
  isBatch,
  isCount,
  type Sizes,
  sizesTensor,
} from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';

/** More elements than this are computed as an array, not one by one. */
const mostDims = 16;

const arithmetic: Readonly<Record<string, (call: OpCall, a: Dim, b: Dim) => Dim>> = {
  Mul: multiply,
  Add: addDims,
  AddV2: addDims,
  Sub: (call, a, b) => addDims(call, a, negative(b)),
  Minimum: (call, a, b) => lower(call, a, b),
  Maximum: (call, a, b) => negative(lower(call, negative(a), negative(b))),
};

const comparisons: Readonly<Record<string, BinaryFunction>> = {
  Less: 'less',
  LessEqual: 'lessEqual',
  Greater: 'greater',
  GreaterEqual: 'greaterEqual',
  Equal: 'equal',
};

/**
 * Arithmetic of sizes that hold an open batch or a count: what models do between Shape and Reshape. Slices and reshapes of
 * them are in the operations' own files.
 *
 * @returns `undefined` for an operation that does not compute with sizes
 */
export function combineSizes(call: OpCall): GraphTensor[] | undefined {
  const of = arithmetic[call.op];
  if (of) return ofPairs(call, of);
  if (comparisons[call.op]) return compare(call, comparisons[call.op]!);
  switch (call.op) {
    case 'Select':
    case 'SelectV2':
      return select(call);
    case 'Prod':
      return [sizesTensor([], [dimsOf(call, call.input(0)).reduce((a, b) => multiply(call, a, b), 1)])];
    case 'Cast':
      return call.attributes.dtype('DstT') === 'int32' ? [call.input(0)] : undefined;
    case 'ConcatV2': {
      const dims = call.inputs.slice(0, -1).flatMap((tensor) => dimsOf(call, tensor));
      return [sizesTensor([dims.length], dims)];
    }
    case 'Pack':
      return pack(call);
    case 'GatherV2': {
      const dims = dimsOf(call, call.input(0));
      const { data, shape } = call.constant(1);
      if (data.length !== sizeOf(shape)) throw new BatchIsMixed();
      const picked = [...data].map((index) => dims[index < 0 ? index + dims.length : index]);
      if (picked.includes(undefined)) throw call.unfit(`indices below ${dims.length}`, [...data]);
      return [sizesTensor(shape, picked as Dim[])];
    }
    default:
      return undefined;
  }
}

/** Sizes as an array, computed at run time. */
export function sizesArray(call: OpCall, sizes: Sizes): GraphTensor {
  const scalars = sizes.dims.map((dim) => scalarOf(call, dim));
  if (sizes.shape.length === 0) return scalars[0]!;
  const ones = scalars.map((scalar) => call.rename(scalar, [1]));
  const flat = call.array({ op: 'concat', axis: 0 }, ones, [ones.length], 'int32');
  return call.rename(flat, sizes.shape);
}

/** One size as an int32 scalar. */
export function scalarOf(call: OpCall, dim: Dim): GraphTensor {
  if (isBatch(dim)) throw new BatchIsMixed();
  if (!isCount(dim)) return constant('int32', [], Int32Array.of(dim));
  const base: GraphTensor = { kind: 'value', dtype: 'int32', shape: [], id: dim.id };
  if (dim.factor === 1) return dim.plus === 0 ? base : binaryScalar(call, 'add', base, dim.plus);
  return binaryScalar(call, 'sub', dim.plus, base);
}

/** A scalar of the plan as a size; what is known of it was noted with {@link OpCall.note}. */
function countOf(call: OpCall, tensor: GraphTensor): Count {
  const [least, most] = call.noted(tensor) ?? [-0x80000000, 0x7fffffff];
  return { id: call.arrayId(tensor), factor: 1, plus: 0, least, most };
}

function ofPairs(call: OpCall, combine: (call: OpCall, a: Dim, b: Dim) => Dim): GraphTensor[] | undefined {
  const [a, b] = [call.input(0), call.input(1)];
  if (!isSmall(a) || !isSmall(b)) return undefined;
  const [x, y] = [dimsOf(call, a), dimsOf(call, b)];
  if (x.length !== y.length && x.length !== 1 && y.length !== 1) throw new BatchIsMixed();
  const shape = (x.length >= y.length && a.shape.length >= b.shape.length ? a : b).shape as number[];
  const dims = Array.from({ length: Math.max(x.length, y.length) }, (_, i) =>
    combine(call, x[x.length === 1 ? 0 : i]!, y[y.length === 1 ? 0 : i]!),
  );
  return [sizesTensor(shape, dims)];
}

/** Known at once where the ranges do not overlap. */
function compare(call: OpCall, fn: BinaryFunction): GraphTensor[] | undefined {
  const tensors = [call.input(0), call.input(1)];
  if (!tensors.every((tensor) => tensor.shape.length === 0 && tensor.dtype === 'int32')) return undefined;
  const [a, b] = tensors.map((tensor) => dimsOf(call, tensor)[0]!) as [Dim, Dim];
  const [low, high] = [rangeOf(a), rangeOf(b)];
  const isBelow = (orEqual: boolean, x: typeof low, y: typeof low) =>
    (orEqual ? x[1] <= y[0] : x[1] < y[0]) || ((orEqual ? x[0] > y[1] : x[0] >= y[1]) ? false : undefined);
  const apart = isBelow(false, low, high) || isBelow(false, high, low);
  const known = {
    less: isBelow(false, low, high),
    lessEqual: isBelow(true, low, high),
    greater: isBelow(false, high, low),
    greaterEqual: isBelow(true, high, low),
    equal: apart ? false : undefined,
  }[fn as string];
  if (known !== undefined) return [constant('bool', [], Int32Array.of(known ? 1 : 0))];
  const operands = [scalarOf(call, a), scalarOf(call, b)];
  const result = call.array({ op: 'binary', function: fn, activation: linear }, operands, [], 'bool');
  call.noteComparison(result, fn, a, b);
  return [result];
}

/** a > b ? b : a is the smaller one: its range is known. */
function select(call: OpCall): GraphTensor[] | undefined {
  const [condition, x, y] = [call.input(0), call.input(1), call.input(2)];
  if (condition.kind === 'constant' && condition.data.length === 1) return [condition.data[0] ? x : y];
  if (condition.shape.length + x.shape.length + y.shape.length > 0 || x.dtype !== 'int32') return undefined;
  const [a, b] = [dimsOf(call, x)[0]!, dimsOf(call, y)[0]!];
  const [first, second] = [rangeOf(a), rangeOf(b)];
  const about = call.notedComparison(condition);
  const isGreater = about?.fn === 'greater' || about?.fn === 'greaterEqual';
  const isLess = about?.fn === 'less' || about?.fn === 'lessEqual';
  const straight = about && isSame(about.a, a) && isSame(about.b, b);
  const turned = about && isSame(about.a, b) && isSame(about.b, a);
  const isSmaller = (straight && isLess) || (turned && isGreater);
  const [least, most] = [Math.min, isSmaller ? Math.min : Math.max].map((of, i) =>
    of(first[i as 0 | 1], second[i as 0 | 1]),
  ) as [number, number];
  const operands = [condition, scalarOf(call, a), scalarOf(call, b)];
  const result = call.array({ op: 'select' }, operands, [], 'int32');
  return [sizesTensor([], [{ id: call.arrayId(result), factor: 1, plus: 0, least, most }])];
}

function pack(call: OpCall): GraphTensor[] {
  const { shape } = call.input(0);
  const own = shape as number[];
  if (call.inputs.some((tensor) => tensor.shape.length !== own.length)) throw new BatchIsMixed();
  const axis = call.axisOf(call.attributes.integer('axis', 0), own.length + 1);
  const inner = sizeOf(own.slice(axis));
  const lists = call.inputs.map((tensor) => dimsOf(call, tensor));
  const dims = Array.from({ length: sizeOf(own.slice(0, axis)) }, (_, outer) =>
    lists.flatMap((list) => list.slice(outer * inner, (outer + 1) * inner)),
  ).flat();
  return [sizesTensor([...own.slice(0, axis), lists.length, ...own.slice(axis)], dims)];
}

function isSmall(tensor: GraphTensor): boolean {
  if (tensor.kind === 'sizes') return true;
  if (tensor.kind === 'constant') return tensor.dtype === 'int32' && tensor.data.length <= mostDims;
  return tensor.dtype === 'int32' && tensor.shape.length === 0;
}

function dimsOf(call: OpCall, tensor: GraphTensor): readonly Dim[] {
  if (tensor.kind === 'sizes') return tensor.dims;
  if (tensor.kind === 'constant') return [...tensor.data];
  if (tensor.dtype === 'int32' && tensor.shape.length === 0) return [countOf(call, tensor)];
  throw new BatchIsMixed();
}

/** The sum of two sizes. */
export function addDims(call: OpCall, a: Dim, b: Dim): Dim {
  if (isBatch(a) || isBatch(b)) throw new BatchIsMixed();
  if (!isCount(a)) {
    if (!isCount(b)) return a + b;
    return { ...b, plus: b.plus + a, least: b.least + a, most: b.most + a };
  }
  if (!isCount(b)) return addDims(call, b, a);
  if (a.id === b.id && a.factor === -b.factor) return a.plus + b.plus;
  const sum = binaryScalar(call, 'add', scalarOf(call, a), scalarOf(call, b));
  return { id: call.arrayId(sum), factor: 1, plus: 0, least: a.least + b.least, most: a.most + b.most };
}

/** The negative of a size. */
export function negative(dim: Dim): Dim {
  if (isBatch(dim)) throw new BatchIsMixed();
  if (!isCount(dim)) return -dim;
  const factor = dim.factor === 1 ? -1 : 1;
  return { ...dim, factor, plus: -dim.plus, least: -dim.most, most: -dim.least };
}

function lower(call: OpCall, a: Dim, b: Dim): Dim {
  const [x, y] = [rangeOf(a), rangeOf(b)];
  if (x[1] <= y[0]) return a;
  if (y[1] <= x[0]) return b;
  const result = binaryScalar(call, 'min', scalarOf(call, a), scalarOf(call, b));
  const [least, most] = [Math.min(x[0], y[0]), Math.min(x[1], y[1])];
  return { id: call.arrayId(result), factor: 1, plus: 0, least, most };
}

/** The product of two sizes. */
export function multiply(call: OpCall, a: Dim, b: Dim): Dim {
  if (isBatch(a)) {
    if (typeof b !== 'number') throw new BatchIsMixed();
    return { batches: a.batches * b };
  }
  if (isBatch(b)) return multiply(call, b, a);
  if (!isCount(a)) return isCount(b) ? multiply(call, b, a) : a * b;
  if (b === 1) return a;
  const ends = rangeOf(a).flatMap((x) => rangeOf(b).map((y) => x * y));
  const product = binaryScalar(call, 'mul', scalarOf(call, a), scalarOf(call, b));
  return {
    id: call.arrayId(product),
    factor: 1,
    plus: 0,
    least: Math.min(...ends),
    most: Math.max(...ends),
  };
}

function binaryScalar(
  call: OpCall,
  fn: BinaryFunction,
  a: GraphTensor | number,
  b: GraphTensor | number,
): GraphTensor {
  const operands = [a, b].map((operand) =>
    typeof operand === 'number' ? constant('int32', [], Int32Array.of(operand)) : operand,
  );
  return call.array({ op: 'binary', function: fn, activation: linear }, operands, [], 'int32');
}

function rangeOf(dim: Dim): [number, number] {
  if (isBatch(dim)) throw new BatchIsMixed();
  return isCount(dim) ? [dim.least, dim.most] : [dim, dim];
}

/** Whether two sizes are surely the same number. */
export function isSame(a: Dim, b: Dim): boolean {
  if (isCount(a) && isCount(b)) return a.id === b.id && a.factor === b.factor && a.plus === b.plus;
  return typeof a === 'number' && a === b;
}
