import { FunctionCall } from './function-call.ts';
import * as functions from './functions.ts';
import type { LayerType } from './layer-type.ts';

/** The classes that Keras 3 writes for `x * 2` and for functions of `keras.ops`. Some have the name of a layer. */
const byClass: Readonly<Record<string, functions.LowerFunction>> = {
  Add: functions.binary('add'),
  Subtract: functions.binary('sub'),
  Multiply: functions.binary('mul'),
  TrueDivide: functions.binary('div'),
  Divide: functions.binary('div'),
  Power: functions.binary('pow'),
  Maximum: functions.binary('max'),
  Minimum: functions.binary('min'),
  Absolute: functions.unary('abs'),
  Negative: functions.unary('neg'),
  Square: functions.unary('square'),
  Sqrt: functions.unary('sqrt'),
  Rsqrt: functions.unary('rsqrt'),
  Reciprocal: functions.unary('reciprocal'),
  Exp: functions.unary('exp'),
  Log: functions.unary('log'),
  Sin: functions.unary('sin'),
  Cos: functions.unary('cos'),
  Relu: functions.activation({ type: 'relu' }),
  Relu6: functions.activation({ type: 'relu6' }),
  Elu: functions.activation({ type: 'elu' }),
  Selu: functions.activation({ type: 'selu' }),
  Silu: functions.activation({ type: 'swish' }),
  Sigmoid: functions.activation({ type: 'sigmoid' }),
  HardSigmoid: functions.activation({ type: 'hardSigmoid6' }),
  Softplus: functions.activation({ type: 'softplus' }),
  Softsign: functions.activation({ type: 'softsign' }),
  Tanh: functions.activation({ type: 'tanh' }),
  LeakyRelu: functions.leakyRelu,
  Gelu: functions.gelu(true),
  Softmax: functions.overLastAxis('softmax'),
  LogSoftmax: functions.overLastAxis('logSoftmax'),
  Mean: functions.reduce('mean'),
  Sum: functions.reduce('sum'),
  Max: functions.reduce('max'),
  Min: functions.reduce('min'),
  Matmul: functions.matmul,
  Clip: functions.clip,
  Reshape: functions.reshape,
  Transpose: functions.transpose,
  ExpandDims: functions.expandDims,
  Squeeze: functions.squeeze,
  Concatenate: functions.concat,
  Stack: functions.stack,
  GetItem: functions.getItem,
};

const types: ReadonlyMap<string, LayerType> = new Map(
  Object.entries(byClass).map(([className, lower]) => [
    className,
    {
      classNames: [className],
      readsArguments: true,
      lower: (config) => (call) => [call.op.portId(lower(new FunctionCall(call.op, call.arguments, config)))],
    },
  ]),
);

/** Classes of the operations that compile. */
export const kerasOperations: readonly string[] = [...types.keys()];

/** An operation of Keras 3 as a layer of the model; `undefined` for one that is not compiled. */
export function findOperation(className: string): LayerType | undefined {
  return types.get(className);
}
