import { FunctionCall } from './function-call.ts';
import * as functions from './functions.ts';
import type { LayerType } from './layer-type.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** TensorFlow's functions by their public names. */
const byName: Readonly<Record<string, functions.LowerFunction>> = {
  '__operators__.add': functions.binary('add'),
  'math.add': functions.binary('add'),
  'math.subtract': functions.binary('sub'),
  'math.multiply': functions.binary('mul'),
  'math.truediv': functions.binary('div'),
  'math.divide': functions.binary('div'),
  'math.pow': functions.binary('pow'),
  'math.maximum': functions.binary('max'),
  'math.minimum': functions.binary('min'),
  'math.squared_difference': functions.binary('squaredDifference'),
  'nn.bias_add': functions.binary('add'),
  'math.add_n': functions.addN,
  'math.abs': functions.unary('abs'),
  'math.negative': functions.unary('neg'),
  'math.square': functions.unary('square'),
  'math.sqrt': functions.unary('sqrt'),
  'math.rsqrt': functions.unary('rsqrt'),
  'math.reciprocal': functions.unary('reciprocal'),
  'math.exp': functions.unary('exp'),
  'math.log': functions.unary('log'),
  'math.floor': functions.unary('floor'),
  'math.ceil': functions.unary('ceil'),
  'math.round': functions.unary('round'),
  'math.sign': functions.unary('sign'),
  'math.sin': functions.unary('sin'),
  'math.cos': functions.unary('cos'),
  'math.erf': functions.unary('erf'),
  'nn.relu': functions.activation({ type: 'relu' }),
  'nn.relu6': functions.activation({ type: 'relu6' }),
  'nn.elu': functions.activation({ type: 'elu' }),
  'nn.selu': functions.activation({ type: 'selu' }),
  'nn.silu': functions.activation({ type: 'swish' }),
  'nn.softsign': functions.activation({ type: 'softsign' }),
  'math.softplus': functions.activation({ type: 'softplus' }),
  'math.sigmoid': functions.activation({ type: 'sigmoid' }),
  'math.tanh': functions.activation({ type: 'tanh' }),
  'nn.leaky_relu': functions.leakyRelu,
  'nn.gelu': functions.gelu(false),
  'nn.softmax': functions.overLastAxis('softmax'),
  'nn.log_softmax': functions.overLastAxis('logSoftmax'),
  'math.reduce_mean': functions.reduce('mean'),
  'math.reduce_sum': functions.reduce('sum'),
  'math.reduce_max': functions.reduce('max'),
  'math.reduce_min': functions.reduce('min'),
  'math.reduce_prod': functions.reduce('prod'),
  'math.l2_normalize': functions.l2Normalize,
  'linalg.matmul': functions.matmul,
  'linalg.l2_normalize': functions.l2Normalize,
  clip_by_value: functions.clip,
  reshape: functions.reshape,
  transpose: functions.transpose,
  'compat.v1.transpose': functions.transpose,
  expand_dims: functions.expandDims,
  squeeze: functions.squeeze,
  'compat.v1.squeeze': functions.squeeze,
  concat: functions.concat,
  stack: functions.stack,
  cast: functions.toFloats,
  identity: functions.identity,
  '__operators__.getitem': functions.getItem,
};

/** Names of the functions that compile. */
export const tfFunctions: readonly string[] = Object.keys(byName);

/**
 * A function of TensorFlow in a Keras 2 model, such as `x * 2` or `tf.nn.relu(x)`. TensorFlow.js has no such layers and cannot
 * load the file.
 */
export const tfFunction: LayerType = {
  classNames: ['TFOpLambda', 'SlicingOpLambda'],
  readsArguments: true,
  wholeModelOnly: true,
  lower: (config) => {
    const name = config.string('function', '');
    const lower = Object.hasOwn(byName, name) ? byName[name] : undefined;
    if (!lower) throw new UnsupportedFeature(`the function tf.${name} is not compiled; ${keepInTensorFlow}`);
    return (call) => [call.op.portId(lower(new FunctionCall(call.op, call.arguments, config)))];
  },
};
