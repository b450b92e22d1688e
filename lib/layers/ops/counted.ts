import { linear } from '../../plan/activations.ts';
import type { ReduceFunction } from '../../plan/functions.ts';
import { sizeOf } from '../../plan/geometry.ts';
import { rowMajorStrides } from '../../plan/strides.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import {
  type Computed,
  type Count,
  constant,
  type Dim,
  type GraphTensor,
  isCount,
  numbersOf,
} from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';
import { addDims, isSame, multiply, scalarOf } from './sizes.ts';

/*
 * Tensors whose number of rows the run finds: what NonMaxSuppression and Where give, and all that is computed from it. In the
 * plan they have as many rows as there can be at most. What works on each row alone works on these as on any others; the
 * operations below are those that look at the rows together.
 */

/** Operations of each row alone: whatever stands behind the count stays behind it. */
const rowByRow: readonly string[] = [
  'Identity',
  'StopGradient',
  'Cast',
  'Select',
  'SelectV2',
  'BiasAdd',
  'Add',
  'AddV2',
  'Sub',
  'Mul',
  'RealDiv',
  'Div',
  'Maximum',
  'Minimum',
  'FloorDiv',
  'FloorMod',
  'Pow',
  'SquaredDifference',
  'Equal',
  'NotEqual',
  'Less',
  'LessEqual',
  'Greater',
  'GreaterEqual',
  'LogicalAnd',
  'LogicalOr',
  'LogicalNot',
  'Abs',
  'Neg',
  'Square',
  'Sqrt',
  'Rsqrt',
  'Reciprocal',
  'Exp',
  'Log',
  'Floor',
  'Ceil',
  'Round',
  'Sign',
  'Relu',
  'Relu6',
  'Sigmoid',
  'Tanh',
  'ClipByValue',
];

/** The rest of an axis that a reduction must not see. */
const neutral: Readonly<Record<string, number>> = {
  sum: 0,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
  prod: 1,
  any: 0,
  all: 1,
};

/** How many rows a tensor has, where the run finds it. */
export function countOf(tensor: GraphTensor | undefined): Count | undefined {
  const first = tensor?.kind === 'value' ? tensor.shape[0] : undefined;
  return isCount(first) ? first : undefined;
}

/** The first rows of an array (or constant) as a counted tensor. */
export function counted(call: OpCall, tensor: GraphTensor, count: Dim): GraphTensor {
  const [rows, ...rest] = numbersOf(tensor.shape) as [number, ...number[]];
  if (!isCount(count)) return resized(call, tensor, numbersOf([count])[0]!);
  const most = resized(call, tensor, count.most);
  const id = call.arrayId(most);
  if (rows === 0) throw new UnsupportedFeature(`its result is empty; ${keepInTensorFlow}`);
  return { kind: 'value', id, dtype: tensor.dtype, shape: [count, ...rest] };
}

/** Lowers an operation of which an input is counted. */
export function lowerCounted(call: OpCall, type: OpType): GraphTensor[] {
  switch (call.op) {
    case 'Shape':
    case 'ShapeN':
    case 'Rank':
      return type.lower(call);
    case 'Gather':
    case 'GatherV2':
      return [gather(call, type)];
    case 'Reshape':
    case 'Squeeze':
    case 'ExpandDims':
      return [reshape(call, type)];
    case 'Concat':
    case 'ConcatV2':
      return [concat(call, type)];
    case 'Pad':
    case 'PadV2':
      return [pad(call, type)];
    case 'Slice':
      return [slice(call, type)];
    case 'TopKV2':
      return topK(call, type);
    case 'Where':
      return type.lower(call.with([trim(call, call.input(0) as Computed, 0)]));
    case 'NonMaxSuppressionV3':
    case 'NonMaxSuppressionV4':
    case 'NonMaxSuppressionV5': {
      const [boxes, scores] = [call.input(0) as Computed, call.input(1) as Computed];
      const known = trim(call, scores, Number.NEGATIVE_INFINITY);
      return type.lower(call.with([view(boxes), known, ...call.inputs.slice(2)]));
    }
    case 'Sum':
    case 'Max':
    case 'Min':
    case 'Prod':
    case 'Any':
    case 'All':
      return [reduce(call, type)];
    case 'Split':
    case 'SplitV':
    case 'Unpack':
    case 'Pack':
    case 'StridedSlice':
    case 'Softmax':
      return otherAxes(call, type);
    default:
      if (rowByRow.includes(call.op)) return rows(call, type);
      throw new UnsupportedFeature(
        `it works on a tensor of a size that is known only after the run, which is not compiled; ask for the outputs before it with the option outputs, or ${keepInTensorFlow}`,
      );
  }
}

/** All rows that the plan has. */
function view(tensor: GraphTensor): GraphTensor {
  const count = countOf(tensor);
  return count ? { ...(tensor as Computed), shape: [count.most, ...tensor.shape.slice(1)] } : tensor;
}

/** Rows behind the count become `fill`. */
function trim(call: OpCall, tensor: GraphTensor, fill: number): GraphTensor {
  const count = countOf(tensor);
  if (!count) return tensor;
  const shape = numbersOf(view(tensor).shape);
  const inside = below(call, count.most, count);
  const mask = call.rename(inside, [count.most, ...shape.slice(1).map(() => 1)]);
  const low = tensor.dtype === 'float32' ? fill : Math.max(-0x80000000, Math.min(fill, 0x7fffffff));
  const data = tensor.dtype === 'float32' ? Float32Array.of(low) : Int32Array.of(low);
  const rest = constant(tensor.dtype, [], data);
  return call.array({ op: 'select' }, [mask, view(tensor), rest], shape, tensor.dtype);
}

/** For 0, 1, … of `size`: whether it is below the count. */
function below(call: OpCall, size: number, count: Dim): GraphTensor {
  const step = { op: 'binary', function: 'less', activation: linear } as const;
  return call.array(step, [iota(size), scalarOf(call, count)], [size], 'bool');
}

function iota(size: number): GraphTensor {
  return constant(
    'int32',
    [size],
    Int32Array.from({ length: size }, (_, i) => i),
  );
}

/** As many rows: cut off at the end, or zeros behind. */
function resized(call: OpCall, tensor: GraphTensor, size: number): GraphTensor {
  const shape = numbersOf(tensor.shape);
  const [rowsNow = 0, ...rest] = shape;
  if (rowsNow === size) return tensor;
  const target = [size, ...rest];
  if (rowsNow < size)
    return call.array({ op: 'pad', before: target.map(() => 0), fill: 0 }, [tensor], target, tensor.dtype);
  const step = { op: 'strided', sizes: target, strides: rowMajorStrides(shape), offset: 0 } as const;
  return call.array({ ...step, sizes: [...target] }, [tensor], target, tensor.dtype);
}

/** Every other operand has the same count, or one row, or none. */
function rows(call: OpCall, type: OpType): GraphTensor[] {
  const counts = call.inputs.flatMap((tensor) => countOf(tensor) ?? []);
  const [count] = counts as [Count];
  const rank = Math.max(...call.inputs.map(({ shape }) => shape.length));
  const fits = call.inputs.every((tensor) => {
    const own = countOf(tensor);
    if (own) return isSame(own, count) && tensor.shape.length === rank;
    return tensor.shape.length < rank || tensor.shape[0] === 1;
  });
  if (!fits)
    throw call.unfit(
      'operands of as many rows',
      call.inputs.map(({ shape }) => shape[0] ?? 1),
    );
  return type.lower(call.with(call.inputs.map(view))).map((result) => counted(call, result, count));
}

/** An operation that leaves the first axis alone. */
function otherAxes(call: OpCall, type: OpType): GraphTensor[] {
  const count = call.inputs.map(countOf).find((found) => found !== undefined)!;
  const results = type.lower(call.with(call.inputs.map(view)));
  const isKept = results.every(({ shape }) => shape[0] === count.most);
  if (!isKept || (call.op === 'Softmax' && call.input(0).shape.length < 2))
    throw new UnsupportedFeature(`it mixes rows whose number the run finds; ${keepInTensorFlow}`);
  return results.map((result) => counted(call, result, count));
}

function gather(call: OpCall, type: OpType): GraphTensor {
  const [tensor, indices] = [call.input(0), call.input(1)];
  const axis = call.op === 'GatherV2' ? call.axisOf(call.integer(2), tensor.shape.length) : 0;
  const [result] = type.lower(call.with(call.inputs.map(view))) as [GraphTensor];
  const count = axis === 0 ? countOf(indices) : countOf(tensor);
  if (axis !== 0 && countOf(indices))
    throw new UnsupportedFeature(`a count becomes another axis than the first; ${keepInTensorFlow}`);
  return count ? counted(call, result, count) : result;
}

/** The rows may be cut or joined, as long as they stay in front. */
function reshape(call: OpCall, type: OpType): GraphTensor {
  const tensor = call.input(0) as Computed;
  const count = countOf(tensor)!;
  const row = sizeOf(numbersOf(tensor.shape.slice(1)));
  if (call.op !== 'Reshape') {
    const [result] = type.lower(call.with([view(tensor), ...call.inputs.slice(1)])) as [GraphTensor];
    if (result.shape[0] !== count.most)
      throw new UnsupportedFeature(`a count becomes another axis than the first; ${keepInTensorFlow}`);
    return counted(call, result, count);
  }
  const [first, ...rest] = call.dims(1);
  const target = numbersOf(rest);
  const size = sizeOf(target);
  const isKept = first === -1 || (first !== undefined && isSame(first, count) && size === row);
  if (!isKept || target.includes(-1) || row % size !== 0)
    throw new UnsupportedFeature(
      `rows whose number the run finds are reshaped to [${target}]; ${keepInTensorFlow}`,
    );
  const wide = call.rename(view(tensor), [(count.most * row) / size, ...target]);
  return counted(call, wide, multiply(call, count, row / size));
}

/** Along the rows: each takes its own from the part in which it falls. */
function concat(call: OpCall, type: OpType): GraphTensor {
  const axisAt = call.op === 'Concat' ? 0 : call.inputs.length - 1;
  const tensors = call.inputs.filter((_, i) => i !== axisAt);
  const axis = call.axisOf(call.integer(axisAt), tensors[0]!.shape.length);
  if (axis !== 0) return otherAxes(call, type)[0]!;
  return tensors.reduce((front, back) => {
    const [a, b] = [view(front), view(back)];
    const [most, more] = [numbersOf(a.shape)[0]!, numbersOf(b.shape)[0]!];
    const rest = numbersOf(a.shape.slice(1));
    const both = call.array({ op: 'concat', axis: 0 }, [a, b], [most + more, ...rest], a.dtype);
    const count = countOf(front);
    const total = addDims(call, front.shape[0]!, back.shape[0]!);
    if (!count) return counted(call, both, total);
    const size = isCount(total) ? total.most : numbersOf([total])[0]!;
    const places = iota(size);
    const sub = { op: 'binary', function: 'sub', activation: linear } as const;
    const shift = call.array(sub, [scalarOf(call, count), scalarOf(call, most)], [], 'int32');
    const behind = call.array(sub, [places, shift], [size], 'int32');
    const from = call.array({ op: 'select' }, [below(call, size, count), places, behind], [size], 'int32');
    const joined = call.array(
      { op: 'gather', axis: 0, along: false },
      [both, from],
      [size, ...rest],
      a.dtype,
    );
    return counted(call, joined, total);
  });
}

/** Room behind the rows may be what is missing of a fixed number. */
function pad(call: OpCall, type: OpType): GraphTensor {
  const tensor = call.input(0) as Computed;
  const count = countOf(tensor)!;
  const [before, after, ...others] = call.dims(1);
  if (before !== 0) throw new UnsupportedFeature(`room in front of counted rows; ${keepInTensorFlow}`);
  const fill = call.op === 'PadV2' ? (call.constant(2).data[0] ?? 0) : 0;
  const total = addDims(call, count, after!);
  const size = isCount(total) ? total.most : numbersOf([total])[0]!;
  const trimmed = trim(call, tensor, fill);
  const rowsNow = numbersOf(trimmed.shape)[0]!;
  const fitting = size < rowsNow ? resized(call, trimmed, size) : trimmed;
  const room = Int32Array.from([0, Math.max(0, size - rowsNow), ...numbersOf(others)]);
  const paddings = constant('int32', [room.length / 2, 2], room);
  const [padded] = type.lower(call.with([fitting, paddings, ...call.inputs.slice(2)])) as [GraphTensor];
  return counted(call, padded, total);
}

function slice(call: OpCall, type: OpType): GraphTensor {
  const tensor = call.input(0) as Computed;
  const count = countOf(tensor)!;
  const [begin, size] = [call.integers(1), call.dims(2)];
  const [first, ...others] = size;
  const isWhole = begin[0] === 0 && (first === -1 || (first !== undefined && isSame(first, count)));
  if (!isWhole && (begin[0] !== 0 || first === undefined))
    throw new UnsupportedFeature(`a slice from the middle of counted rows; ${keepInTensorFlow}`);
  const sizes = constant('int32', [size.length], Int32Array.from([-1, ...numbersOf(others)]));
  const [result] = type.lower(call.with([view(tensor), call.input(1), sizes])) as [GraphTensor];
  return counted(call, result, isWhole ? count : first!);
}

/** The largest of the rows that there are. */
function topK(call: OpCall, type: OpType): GraphTensor[] {
  const tensor = call.input(0) as Computed;
  const [k] = call.dims(1) as [Dim];
  if (tensor.shape.length !== 1) return otherAxes(call, type);
  const trimmed = trim(call, tensor, Number.NEGATIVE_INFINITY);
  const size = Math.min(isCount(k) ? k.most : numbersOf([k])[0]!, numbersOf(trimmed.shape)[0]!);
  const results = type.lower(call.with([trimmed, constant('int32', [], Int32Array.of(size))]));
  return results.map((result) => counted(call, result, k));
}

function reduce(call: OpCall, type: OpType): GraphTensor {
  const tensor = call.input(0) as Computed;
  const rank = tensor.shape.length;
  const axes = call.integers(1).map((axis) => call.axisOf(axis, rank));
  if (!axes.includes(0)) return otherAxes(call, type)[0]!;
  const fill = neutral[call.op.toLowerCase() as ReduceFunction]!;
  const [result] = type.lower(call.with([trim(call, tensor, fill), ...call.inputs.slice(1)])) as [
    GraphTensor,
  ];
  const noted = call.noted(tensor);
  if (call.op === 'Sum' && noted) {
    const terms = sizeOf(numbersOf(view(tensor).shape));
    call.note(result, [Math.min(0, noted[0] * terms), Math.max(0, noted[1] * terms)]);
  }
  return result;
}

/** The entries of a mask that are true, as int32 tuples; how many there are is found by the run. */
export function placesOf(call: OpCall, mask: GraphTensor): GraphTensor {
  const shape = numbersOf(mask.shape);
  const size = sizeOf(shape);
  const found = call.array({ op: 'where' }, [mask], [size, shape.length], 'int32');
  const ones = call.rename(call.array({ op: 'alias' }, [mask], shape, 'int32'), [size]);
  return counted(call, found, sumOf(call, ones, size));
}

/** The sum of zeros and ones as a size. */
export function sumOf(call: OpCall, ones: GraphTensor, most: number): Dim {
  const sum = call.array({ op: 'reduce', function: 'sum', axes: [0] }, [ones], [], 'int32');
  if (sum.kind === 'constant') return sum.data[0]!;
  return { id: call.arrayId(sum), factor: 1, plus: 0, least: 0, most };
}

/** Whether a tensor of sizes holds a count. */
export function hasCount(tensor: GraphTensor): boolean {
  return tensor.kind === 'sizes' && tensor.dims.some(isCount);
}
