import { emitUnary } from '../../plan/emit/unary.ts';
import { integerUnaryFunctions, type UnaryFunction } from '../../plan/functions.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { BatchIsMixed, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

const functions: Readonly<Record<string, UnaryFunction>> = {
  Abs: 'abs',
  Neg: 'neg',
  Square: 'square',
  Sign: 'sign',
  LogicalNot: 'not',
  Sqrt: 'sqrt',
  Rsqrt: 'rsqrt',
  Reciprocal: 'reciprocal',
  Exp: 'exp',
  Expm1: 'expm1',
  Log: 'log',
  Log1p: 'log1p',
  Floor: 'floor',
  Ceil: 'ceil',
  Round: 'round',
  Sin: 'sin',
  Cos: 'cos',
  Tan: 'tan',
  Asin: 'asin',
  Acos: 'acos',
  Atan: 'atan',
  Sinh: 'sinh',
  Cosh: 'cosh',
  Erf: 'erf',
};

/** Functions of one tensor, element by element. */
export const unary: OpType = {
  ops: Object.keys(functions),
  lower: (call) => [applyUnary(call, functions[call.op]!, call.input(0))],
};

/** f of a tensor, in the layout that it has. */
export function applyUnary(call: OpCall, fn: UnaryFunction, tensor: GraphTensor): GraphTensor {
  if (tensor.kind === 'sizes') throw new BatchIsMixed();
  if (tensor.dtype !== 'float32' && !integerUnaryFunctions.includes(fn))
    throw new UnsupportedFeature(`${call.op} of ${tensor.dtype} is not compiled; ${keepInTensorFlow}`);
  if (call.isMap(tensor)) return call.computed(emitUnary(call.plan, call.name, tensor.id, fn));
  const shape = call.shapeIn(tensor);
  return call.array({ op: 'unary', function: fn }, [tensor], shape, tensor.dtype);
}
