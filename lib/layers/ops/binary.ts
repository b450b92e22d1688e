import { linear } from '../../plan/activations.ts';
import { emitActivation } from '../../plan/emit/activation.ts';
import { emitAffine } from '../../plan/emit/affine.ts';
import { emitUnary } from '../../plan/emit/unary.ts';
import type { Constant } from '../../plan/evaluate.ts';
import { type BinaryFunction, comparisons, mapBinaryFunctions } from '../../plan/functions.ts';
import { isFlattened } from '../../plan/geometry.ts';
import type { ValueId } from '../../plan/plan.ts';
import { broadcastShape } from '../../plan/strides.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { castTo } from './cast.ts';
import { perFeature } from './constant-operand.ts';
import { BatchIsMixed, type Computed, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

const functions: Readonly<Record<string, BinaryFunction>> = {
  Add: 'add',
  AddV2: 'add',
  BiasAdd: 'add',
  Sub: 'sub',
  Mul: 'mul',
  RealDiv: 'div',
  Div: 'div',
  Maximum: 'max',
  Minimum: 'min',
  FloorDiv: 'floorDiv',
  FloorMod: 'floorMod',
  Mod: 'floorMod',
  Pow: 'pow',
  Atan2: 'atan2',
  SquaredDifference: 'squaredDifference',
  Equal: 'equal',
  NotEqual: 'notEqual',
  Less: 'less',
  LessEqual: 'lessEqual',
  Greater: 'greater',
  GreaterEqual: 'greaterEqual',
  LogicalAnd: 'and',
  LogicalOr: 'or',
};

/** Two tensors element by element, broadcast. */
export const binary: OpType = {
  ops: Object.keys(functions),
  lower: (call) => [combine(call, functions[call.op]!, call.input(0), call.input(1))],
};

/** The sum of any number of tensors. */
export const addN: OpType = {
  ops: ['AddN'],
  lower: (call) => {
    const [first, ...others] = call.inputs;
    return [
      others.reduce<GraphTensor>((sum, next) => combine(call, 'add', sum, next), first ?? call.input(0)),
    ];
  },
};

/** f(a, b), where the operands' layouts allow it on maps. */
export function combine(call: OpCall, fn: BinaryFunction, x: GraphTensor, y: GraphTensor): GraphTensor {
  // The converter's constants may be of another type than the graph's: TF.js takes the wider one too.
  const dtype = (['float32', 'int32', 'bool'] as const).find((type) => type === x.dtype || type === y.dtype)!;
  const [a, b] = [castTo(call, x, dtype), castTo(call, y, dtype)];
  return (
    withConstant(call, fn, a, b) ??
    (isMaps(call, a, b) ? ofMaps(call, fn, a as Computed, b as Computed) : undefined) ??
    ofArrays(call, fn, a, b)
  );
}

function isMaps(call: OpCall, a: GraphTensor, b: GraphTensor): boolean {
  return call.isMap(a) && call.isMap(b);
}

/** A map and a number for each of its features: one scale and shift, or a clamp. */
function withConstant(
  call: OpCall,
  fn: BinaryFunction,
  a: GraphTensor,
  b: GraphTensor,
): GraphTensor | undefined {
  const isSwapped = a.kind === 'constant';
  const [tensor, other] = isSwapped ? [b, a] : [a, b];
  if (other.kind !== 'constant' || !call.isMap(tensor)) return undefined;
  const { x, id } = call.map(tensor);
  const values = perFeature(other, x, tensor.shape.length);
  if (!values) return undefined;
  const result = mapWithConstant(call, fn, id, values, other, isSwapped);
  return result === undefined ? undefined : call.computed(result);
}

function mapWithConstant(
  call: OpCall,
  fn: BinaryFunction,
  id: ValueId,
  values: Float32Array,
  constant: Constant,
  isSwapped: boolean,
): ValueId | undefined {
  const affine = (input: ValueId, scale: number | Float32Array, shift: number | Float32Array) => {
    const fill = (v: number | Float32Array) =>
      typeof v === 'number' ? new Float32Array(values.length).fill(v) : v;
    return emitAffine(call.plan, call.name, input, { scale: fill(scale), shift: fill(shift) });
  };
  const unary = (input: ValueId, name: 'reciprocal' | 'square' | 'sqrt') =>
    emitUnary(call.plan, call.name, input, name);
  const negative = values.map((v) => -v);
  const single = constant.data.length === 1 ? values[0]! : undefined;
  switch (fn) {
    case 'add':
      return affine(id, 1, values);
    case 'sub':
      return isSwapped ? affine(id, -1, values) : affine(id, 1, negative);
    case 'mul':
      return affine(id, values, 0);
    case 'div':
      // A quotient by 0 is no product.
      if (isSwapped) return affine(unary(id, 'reciprocal'), values, 0);
      return values.includes(0)
        ? undefined
        : affine(
            id,
            values.map((v) => 1 / v),
            0,
          );
    case 'squaredDifference':
      return unary(affine(id, 1, negative), 'square');
    case 'pow':
      if (isSwapped) return undefined;
      return single === 2 ? unary(id, 'square') : single === 0.5 ? unary(id, 'sqrt') : undefined;
    case 'max':
    case 'min':
      if (single === undefined || !Number.isFinite(single)) return undefined;
      return emitActivation(call.plan, call.name, id, {
        type: 'clamp',
        ...(fn === 'max' ? { min: single } : { max: single }),
      });
    default:
      return undefined;
  }
}

function ofMaps(call: OpCall, fn: BinaryFunction, a: Computed, b: Computed): GraphTensor | undefined {
  if (!mapBinaryFunctions.includes(fn) || a.shape.length !== b.shape.length) return undefined;
  const [x, y] = [call.plan.value(a.id), call.plan.value(b.id)];
  const shape = broadcastShape(x.shape, y.shape);
  if (!shape) throw call.unfit('operands that broadcast', [...a.shape, ...b.shape]);
  const samePositions = x.height === y.height && x.width === y.width;
  if ((isFlattened(x) || isFlattened(y)) && !(samePositions && x.channels === y.channels)) return undefined;
  const isOne = (value: typeof x) => value.height * value.width === 1;
  if (!samePositions && !isOne(x) && !isOne(y)) return undefined;
  const geometry = {
    channels: Math.max(x.channels, y.channels),
    height: Math.max(x.height, y.height),
    width: Math.max(x.width, y.width),
  };
  const output = call.plan.addValueIn(call.name, shape, geometry);
  const step = { layer: call.name, inputs: [a.id, b.id], output, activation: linear };
  return call.computed(call.plan.addStep({ op: 'binary', function: fn, ...step }));
}

function ofArrays(call: OpCall, fn: BinaryFunction, a: GraphTensor, b: GraphTensor): GraphTensor {
  if (a.kind === 'sizes' || b.kind === 'sizes') throw new BatchIsMixed();
  const isBool = comparisons.includes(fn) || fn === 'and' || fn === 'or';
  const floatsOnly = fn === 'div' || fn === 'pow' || fn === 'atan2';
  if (floatsOnly && a.dtype !== 'float32')
    throw new UnsupportedFeature(`${call.op} of ${a.dtype} is not compiled; ${keepInTensorFlow}`);
  const hidden = call.hidden([a, b]);
  const rank = Math.max(a.shape.length, b.shape.length);
  const operands = [a, b].map((tensor) => call.beside(tensor, rank, hidden));
  const shapes = operands.map((t) => {
    // Rows of a batch meet only rows of the same rank, or the last axes would be taken for each other.
    if (hidden === 1 && t.kind === 'value' && t.shape.length !== rank) throw new BatchIsMixed();
    return call.shapeIn(t);
  });
  const shape = broadcastShape(shapes[0]!, shapes[1]!);
  if (!shape) throw call.unfit('operands that broadcast', [...a.shape, ...b.shape]);
  const dtype = isBool ? 'bool' : a.dtype;
  return call.array({ op: 'binary', function: fn, activation: linear }, operands, shape, dtype);
}
