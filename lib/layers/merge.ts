import type { BinaryFunction } from '../plan/functions.ts';
import type { LayerCall } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { combine } from './ops/binary.ts';
import { constant, type GraphTensor } from './ops/graph-tensor.ts';
import { reshapeTo } from './ops/reshape.ts';

/** x + y + … */
export const add: LayerType = merge('Add', 'add');

/** x - y; TensorFlow.js has no such layer, Keras has. */
export const subtract: LayerType = merge('Subtract', 'sub', 2);

/** x · y · …, element by element. */
export const multiply: LayerType = merge('Multiply', 'mul');

/** The largest of x, y, … at each place. */
export const maximum: LayerType = merge('Maximum', 'max');

/** The smallest of x, y, … at each place. */
export const minimum: LayerType = merge('Minimum', 'min');

/** (x + y + …) / how many. */
export const average: LayerType = {
  classNames: ['Average'],
  prunable: [],
  lower: () => (call) => {
    const tensors = sameRank(call);
    const sum = fold(call, 'add', tensors);
    const share = constant('float32', [], Float32Array.of(1 / tensors.length));
    return [call.op.portId(combine(call.op, 'mul', sum, share))];
  },
};

function merge(className: string, fn: BinaryFunction, most = Number.POSITIVE_INFINITY): LayerType {
  return {
    classNames: [className],
    prunable: [],
    lower: () => (call) => {
      const tensors = sameRank(call);
      if (tensors.length > most) throw call.op.unfit(`${most} inputs`, tensors.length);
      return [call.op.portId(fold(call, fn, tensors))];
    },
  };
}

function fold(
  { op }: LayerCall,
  fn: BinaryFunction,
  [first, ...others]: readonly GraphTensor[],
): GraphTensor {
  return others.reduce((result, next) => combine(op, fn, result, next), first!);
}

/** The inputs with axes of one entry behind the batch, until all have as many axes; then they broadcast. */
function sameRank({ op }: LayerCall): GraphTensor[] {
  if (op.inputs.length < 2) throw op.unfit('at least 2 inputs', op.inputs.length);
  const rank = Math.max(...op.inputs.map(({ shape }) => shape.length));
  return op.inputs.map((tensor) => {
    const [batch, ...rest] = tensor.shape;
    const ones = new Array<number>(rank - tensor.shape.length).fill(1);
    return ones.length === 0 ? tensor : reshapeTo(op, tensor, [batch!, ...ones, ...rest]);
  });
}
