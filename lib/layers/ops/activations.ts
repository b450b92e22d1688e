import { emitActivation } from '../../plan/emit/activation.ts';
import { emitPrelu } from '../../plan/emit/prelu.ts';
import type { PlanActivation } from '../../plan/plan.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { combine } from './binary.ts';
import { perFeature } from './constant-operand.ts';
import { BatchIsMixed, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

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

function activate(call: OpCall, tensor: GraphTensor, activation: PlanActivation): GraphTensor {
  if (tensor.kind === 'sizes') throw new BatchIsMixed();
  if (tensor.dtype !== 'float32')
    throw new UnsupportedFeature(`${call.op} of ${tensor.dtype} is not compiled; ${keepInTensorFlow}`);
  if (call.isMap(tensor)) return call.computed(emitActivation(call.plan, call.name, tensor.id, activation));
  const shape = call.shapeIn(tensor);
  return call.array({ op: 'activation', activation }, [tensor], shape, 'float32');
}

/** exp(x) / sum of exp(x) over the last axis. */
export const softmax: OpType = {
  ops: ['Softmax'],
  lower: (call) => {
    const tensor = call.input(0);
    if (call.isMap(tensor))
      return [call.computed(emitActivation(call.plan, call.name, tensor.id, { type: 'softmax' }))];
    const shape = call.shapeIn(tensor);
    return [call.array({ op: 'softmax' }, [tensor], shape, 'float32')];
  },
};

/** x where it is positive, alpha · x elsewhere; alpha is a weight. */
export const prelu: OpType = {
  ops: ['Prelu'],
  lower: (call) => {
    const tensor = call.input(0);
    const alpha = call.constant(1);
    if (call.isMap(tensor)) {
      const { id, x } = call.map(tensor);
      const slopes = x.shape.at(-1) === x.channels ? perFeature(alpha, x, tensor.shape.length) : undefined;
      if (slopes) return [call.computed(emitPrelu(call.plan, call.name, id, slopes))];
    }
    const positive = activate(call, tensor, { type: 'relu' });
    const rest = combine(call, 'sub', tensor, positive);
    return [combine(call, 'add', positive, combine(call, 'mul', rest, alpha))];
  },
};
