import { emitActivation, type LayerActivation } from '../../plan/emit/activation.ts';
import { emitPrelu } from '../../plan/emit/prelu.ts';
import type { Constant } from '../../plan/evaluate.ts';
import type { PlanActivation, ValueId } from '../../plan/plan.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { combine } from './binary.ts';
import { perFeature } from './constant-operand.ts';
import { BatchIsMixed, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';
import { reduceAxes } from './reduce.ts';
import { applyUnary } from './unary.ts';

const plain: Readonly<Record<string, PlanActivation>> = {
  Relu: { type: 'relu' },
  Relu6: { type: 'relu6' },
  Sigmoid: { type: 'sigmoid' },
  Tanh: { type: 'tanh' },
  Elu: { type: 'elu' },
  Selu: { type: 'selu' },
  Softplus: { type: 'softplus' },
};

/** Activations as nodes of their own. */
export const activations: OpType = {
  ops: [...Object.keys(plain), 'LeakyRelu', 'ClipByValue'],
  lower: (call) => [activate(call, call.input(0), activationOf(call))],
};

function activationOf(call: OpCall): PlanActivation {
  if (call.op === 'LeakyRelu') return { type: 'leakyRelu', alpha: call.attributes.number('alpha', 0.2) };
  if (call.op !== 'ClipByValue') return plain[call.op]!;
  const [min, max] = [call.weight(1).data, call.weight(2).data];
  if (min.length !== 1 || max.length !== 1)
    throw new UnsupportedFeature(`bounds that differ by element are not compiled; ${keepInTensorFlow}`);
  return { type: 'clamp', min: min[0]!, max: max[0]! };
}

/** What a layer's `activation` may be: logSoftmax is made of several steps. */
export type NamedActivation = LayerActivation | { type: 'logSoftmax' };

/** An activation of a tensor, in the layout that it has. Softmax and its logarithm go over the last axis. */
export function activate(call: OpCall, tensor: GraphTensor, activation: NamedActivation): GraphTensor {
  if (tensor.kind === 'sizes') throw new BatchIsMixed();
  if (activation.type === 'linear') return tensor;
  if (activation.type === 'logSoftmax') return logSoftmax(call, tensor);
  if (tensor.dtype !== 'float32')
    throw new UnsupportedFeature(`${call.op} of ${tensor.dtype} is not compiled; ${keepInTensorFlow}`);
  if (call.isMap(tensor)) return call.computed(emitActivation(call.plan, call.name, tensor.id, activation));
  const shape = call.shapeIn(tensor);
  const operation =
    activation.type === 'softmax' ? { op: activation.type } : { op: 'activation' as const, activation };
  return call.array(operation, [tensor], shape, 'float32');
}

/** An activation of a value of the plan, which gives a value again. */
export function activateValue(call: OpCall, id: ValueId, activation: NamedActivation): ValueId {
  return call.portId(activate(call, call.computed(id), activation));
}

/** x - max - log(sum of exp(x - max)): the logarithm of a softmax would be infinite where that is 0. */
function logSoftmax(call: OpCall, tensor: GraphTensor): GraphTensor {
  const last = [tensor.shape.length - 1];
  const shifted = combine(call, 'sub', tensor, reduceAxes(call, 'max', tensor, last, true));
  const sum = reduceAxes(call, 'sum', applyUnary(call, 'exp', shifted), last, true);
  return combine(call, 'sub', shifted, applyUnary(call, 'log', sum));
}

/** exp(x) / sum of exp(x) over the last axis, or the logarithm of it. */
export const softmax: OpType = {
  ops: ['Softmax', 'LogSoftmax'],
  lower: (call) => {
    const type = call.op === 'Softmax' ? 'softmax' : 'logSoftmax';
    return [activate(call, call.input(0), { type })];
  },
};

/** x where it is positive, alpha · x elsewhere; alpha is a weight. */
export const prelu: OpType = {
  ops: ['Prelu'],
  lower: (call) => [leak(call, call.input(0), call.constant(1))],
};

/** @param alpha - broadcast against the tensor from its last axis on */
export function leak(call: OpCall, tensor: GraphTensor, alpha: Constant): GraphTensor {
  if (call.isMap(tensor)) {
    const { id, x } = call.map(tensor);
    const slopes = x.shape.at(-1) === x.channels ? perFeature(alpha, x, tensor.shape.length) : undefined;
    if (slopes) return call.computed(emitPrelu(call.plan, call.name, id, slopes));
  }
  const positive = activate(call, tensor, { type: 'relu' });
  const rest = combine(call, 'sub', tensor, positive);
  return combine(call, 'add', positive, combine(call, 'mul', rest, alpha));
}
