import {
  binaryFunctions,
  comparisons,
  integerUnaryFunctions,
  mapBinaryFunctions,
  reduceFunctions,
  unaryFunctions,
} from './functions.ts';
import { sizeOf, valueSize } from './geometry.ts';
import { invalid } from './invalid-plan.ts';
import type { Plan, PlanStep, PlanValue } from './plan.ts';
import { broadcastShape } from './strides.ts';

/** How many values a step reads; `undefined`: at least one. */
export function inputCount(op: unknown): number | undefined {
  switch (op) {
    case 'concat':
    case 'recurrence':
    case 'matmul':
    case 'conv2d':
      return undefined;
    case 'constant':
      return 0;
    case 'binary':
    case 'product':
    case 'gather':
    case 'gatherNd':
    case 'nonMaxSuppression':
      return 2;
    case 'select':
      return 3;
    default:
      return 1;
  }
}

const isArray = (value: PlanValue) => value.layout === 'array';
const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** Checks a step on arrays, or one between the layouts. */
export function checkArrayStep(
  step: PlanStep,
  inputs: readonly PlanValue[],
  y: PlanValue,
  plan: Pick<Plan, 'batch'>,
  where: string,
): void {
  const x = inputs[0]!;
  const expectShape = (shape: readonly number[]) => {
    if (!sameShape(shape, y.shape)) throw invalid(where, `an output of shape [${shape}]`, y.shape);
  };
  const expectDtype = (dtype: PlanValue['dtype']) => {
    if (y.dtype !== dtype) throw invalid(where, `an output of ${dtype}`, y.dtype);
  };
  const dtypes = new Set(inputs.map(({ dtype }) => dtype));
  if (step.op !== 'toArray' && step.op !== 'toMap') {
    for (const value of [...inputs, y])
      if (!isArray(value)) throw invalid(where, 'arrays', `the map "${value.name}"`);
    if (y.fixed && inputs.some((value) => !value.fixed))
      throw invalid(where, 'an output of each row of the batch, as its inputs are', 'a fixed array');
  }
  switch (step.op) {
    case 'toArray':
    case 'toMap': {
      const [map, array] = step.op === 'toArray' ? [x, y] : [y, x];
      if (isArray(map) || !isArray(array)) throw invalid(where, 'a map and an array', [x.name, y.name]);
      if (array.dtype !== 'float32') throw invalid(where, 'an array of float32', array.dtype);
      const batch = array.fixed ? (plan.batch ?? 0) : 1;
      if (valueSize(map) * batch !== valueSize(array))
        throw invalid(where, `${valueSize(map) * batch} elements`, valueSize(array));
      return;
    }
    case 'alias':
      if (sizeOf(x.shape) !== sizeOf(y.shape) || x.fixed !== y.fixed)
        throw invalid(where, `${sizeOf(x.shape)} elements`, y.shape);
      if (x.dtype !== y.dtype && !(x.dtype === 'bool' && y.dtype === 'int32'))
        throw invalid(where, `an output of ${x.dtype}`, y.dtype);
      return;
    case 'activation':
    case 'softmax':
    case 'normalize':
      expectShape(x.shape);
      sameKind(x, y, where);
      if (x.dtype !== 'float32' || (x.shape.length === 0 && step.op !== 'activation'))
        throw invalid(where, 'an axis of float32', [x.dtype, x.shape]);
      expectDtype('float32');
      return;
    case 'unary': {
      const known: readonly unknown[] = x.dtype === 'float32' ? unaryFunctions : integerUnaryFunctions;
      if (!known.includes(step.function) || (x.dtype === 'float32' && step.function === 'not'))
        throw invalid(where, `a function of ${x.dtype}`, step.function);
      expectShape(x.shape);
      sameKind(x, y, where);
      expectDtype(x.dtype);
      return;
    }
    case 'cast':
      expectShape(x.shape);
      sameKind(x, y, where);
      if (x.dtype === y.dtype) throw invalid(where, 'another dtype', y.dtype);
      return;
    case 'binary': {
      if (!(binaryFunctions as readonly unknown[]).includes(step.function))
        throw invalid(where, 'a known function', step.function);
      if (dtypes.size !== 1) throw invalid(where, 'inputs of one dtype', [...dtypes]);
      const isBool = comparisons.includes(step.function) || step.function === 'and' || step.function === 'or';
      const floatsOnly = ['div', 'pow', 'atan2'].includes(step.function);
      const boolsOnly = step.function === 'and' || step.function === 'or';
      if ((floatsOnly && x.dtype !== 'float32') || (boolsOnly && x.dtype === 'float32'))
        throw invalid(where, 'a function of this dtype', `${step.function} of ${x.dtype}`);
      expectDtype(isBool ? 'bool' : x.dtype);
      expectShape(broadcastShape(x.shape, inputs[1]!.shape) ?? []);
      if (step.activation?.type !== 'linear') throw invalid(where, 'no activation', step.activation);
      return;
    }
    case 'select': {
      const [, a, b] = inputs as [PlanValue, PlanValue, PlanValue];
      if (x.dtype !== 'bool' || a.dtype !== b.dtype)
        throw invalid(where, 'a bool and two of one dtype', x.dtype);
      expectDtype(a.dtype);
      const both = broadcastShape(a.shape, b.shape);
      expectShape((both && broadcastShape(both, x.shape)) ?? []);
      return;
    }
    case 'concat': {
      const axis = checkAxis(step.axis, y.shape.length, where);
      const total = inputs.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
      for (const { shape } of inputs)
        expectShape(shape.length === y.shape.length ? shape.with(axis, y.shape[axis]!) : []);
      if (total !== y.shape[axis] || dtypes.size !== 1)
        throw invalid(where, `${total} entries of one dtype`, y.shape);
      expectDtype(x.dtype);
      if (!y.fixed && inputs.some(({ fixed }) => fixed))
        throw invalid(where, 'arrays of each row of the batch', 'a fixed one');
      return;
    }
    case 'strided': {
      const { sizes, strides, offset } = step;
      const isList = (list: unknown): list is number[] =>
        Array.isArray(list) && list.every(Number.isSafeInteger);
      if (
        !isList(sizes) ||
        !isList(strides) ||
        sizes.length !== strides.length ||
        !Number.isSafeInteger(offset)
      )
        throw invalid(where, 'sizes, strides and an offset', [sizes, strides, offset]);
      if (sizes.some((size) => size < 1) || sizeOf(sizes) !== sizeOf(y.shape))
        throw invalid(where, `sizes of ${sizeOf(y.shape)} elements`, sizes);
      const reach = strides.map((stride, axis) => stride * (sizes[axis]! - 1));
      const low = offset + reach.filter((steps) => steps < 0).reduce((a, b) => a + b, 0);
      const high = offset + reach.filter((steps) => steps > 0).reduce((a, b) => a + b, 0);
      if (low < 0 || high >= sizeOf(x.shape)) throw invalid(where, 'elements of the input', [low, high]);
      expectDtype(x.dtype);
      return;
    }
    case 'pad': {
      const { before, fill } = step;
      if (!Array.isArray(before) || before.length !== x.shape.length || y.shape.length !== x.shape.length)
        throw invalid(where, `${x.shape.length} numbers`, before);
      for (const [axis, room] of before.entries())
        if (!Number.isSafeInteger(room) || room < 0 || room + x.shape[axis]! > y.shape[axis]!)
          throw invalid(where, 'room for the input', before);
      if (typeof fill !== 'number' || (y.dtype !== 'float32' && fill !== 0))
        throw invalid(where, 'a number to fill with, 0 for integers', fill);
      expectDtype(x.dtype);
      return;
    }
    case 'reduce': {
      const { axes } = step;
      if (!(reduceFunctions as readonly unknown[]).includes(step.function))
        throw invalid(where, 'a known function', step.function);
      const isRising = Array.isArray(axes) && axes.every((axis, i) => i === 0 || axes[i - 1]! < axis);
      if (!isRising || axes.length === 0) throw invalid(where, 'rising axes', axes);
      for (const axis of axes) checkAxis(axis, x.shape.length, where);
      expectShape(x.shape.filter((_, axis) => !axes.includes(axis)));
      expectDtype(step.function.startsWith('arg') ? 'int32' : x.dtype);
      return;
    }
    case 'product': {
      const [m, k] = x.shape.slice(-2);
      const [k2, n] = inputs[1]!.shape.slice(-2);
      if (
        n === undefined ||
        k2 === undefined ||
        m === undefined ||
        k === undefined ||
        [...dtypes].join() !== 'float32'
      )
        throw invalid(where, 'two float32 matrices', [x.shape, inputs[1]!.shape]);
      const [rows, inner] = step.transposeA === true ? [k, m] : [m, k];
      const [inner2, columns] = step.transposeB === true ? [n, k2] : [k2, n];
      const front = broadcastShape(x.shape.slice(0, -2), inputs[1]!.shape.slice(0, -2));
      if (inner !== inner2 || !front) throw invalid(where, 'matrices that fit', [x.shape, inputs[1]!.shape]);
      expectShape([...front, rows, columns]);
      expectDtype('float32');
      return;
    }
    case 'gather': {
      const axis = checkAxis(step.axis, x.shape.length, where);
      const places = inputs[1]!;
      if (places.dtype !== 'int32') throw invalid(where, 'indices of int32', places.dtype);
      expectDtype(x.dtype);
      if (step.along === true) {
        if (axis !== x.shape.length - 1 || places.shape.length !== x.shape.length)
          throw invalid(where, 'the last axis', axis);
        if (!sameShape(places.shape.slice(0, -1), x.shape.slice(0, -1)))
          throw invalid(where, 'indices of each row', places.shape);
        expectShape(places.shape);
        return;
      }
      expectShape([...x.shape.slice(0, axis), ...places.shape, ...x.shape.slice(axis + 1)]);
      return;
    }
    case 'gatherNd': {
      const places = inputs[1]!;
      const depth = places.shape.at(-1) ?? 0;
      if (places.dtype !== 'int32' || depth > x.shape.length || depth < 1)
        throw invalid(where, `tuples of up to ${x.shape.length} int32`, places.shape);
      expectDtype(x.dtype);
      expectShape([...places.shape.slice(0, -1), ...x.shape.slice(depth)]);
      return;
    }
    case 'topK': {
      const [size, k] = [x.shape.at(-1) ?? 0, y.shape.at(-1) ?? 0];
      if (k > size || k < 1) throw invalid(where, `1 to ${size} of them`, k);
      expectShape(x.shape.with(-1, k));
      expectDtype('int32');
      return;
    }
    case 'where':
      if (x.dtype !== 'bool' || x.shape.length === 0) throw invalid(where, 'axes of bools', x.dtype);
      expectShape([sizeOf(x.shape), x.shape.length]);
      expectDtype('int32');
      return;
    case 'nonMaxSuppression': {
      const scores = inputs[1]!;
      const [count = 0] = scores.shape;
      if ([...dtypes].join() !== 'float32' || scores.shape.length !== 1 || !sameShape(x.shape, [count, 4]))
        throw invalid(where, 'float32 boxes [n, 4] and scores [n]', [x.shape, scores.shape]);
      const { gives, overlap, lowestScore = 0, softSigma } = step;
      if (![overlap, lowestScore, softSigma].every((value) => Number.isFinite(value)))
        throw invalid(where, 'finite thresholds', [overlap, lowestScore, softSigma]);
      if (gives !== 'indices' && gives !== 'scores') throw invalid(where, 'indices or scores', gives);
      if (y.shape.length !== 1 || y.shape[0]! > count)
        throw invalid(where, `up to ${count} of them`, y.shape);
      expectDtype(gives === 'scores' ? 'float32' : 'int32');
      return;
    }
    default:
      throw invalid(where, 'a step on arrays', step.op);
  }
}

function sameKind(x: PlanValue, y: PlanValue, where: string): void {
  if (x.fixed !== y.fixed)
    throw invalid(where, 'an output like its input', y.fixed ? 'a fixed array' : 'one of each row');
}

function checkAxis(axis: unknown, rank: number, where: string): number {
  if (!Number.isInteger(axis) || (axis as number) < 0 || (axis as number) >= rank)
    throw invalid(where, `an axis below ${rank}`, axis);
  return axis as number;
}

/** What two maps may be combined by. */
export function isMapFunction(name: unknown): boolean {
  return (mapBinaryFunctions as readonly unknown[]).includes(name);
}
