import { BatchIsMixed, type GraphTensor, numbersOf } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import { reshapeTo } from './reshape.ts';
import { permute } from './transpose.ts';

/** (x - mean) / sqrt(variance + epsilon) over `axes`, which do not include the batch. */
export function normalizeAxes(
  call: OpCall,
  tensor: GraphTensor,
  axes: readonly number[],
  epsilon: number,
): GraphTensor {
  if (tensor.kind === 'sizes' || axes.includes(0)) throw new BatchIsMixed();
  const rank = tensor.shape.length;
  if (axes.length === 1 && axes[0] === rank - 1) return overLast(call, tensor, epsilon);
  // The axes go to the end and become one.
  const kept = tensor.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const moved = permute(call, tensor, order);
  const sizes = numbersOf(axes.map((axis) => tensor.shape[axis]!));
  const flat = reshapeTo(call, moved, [
    ...moved.shape.slice(0, kept.length),
    sizes.reduce((a, b) => a * b, 1),
  ]);
  const back = order.map((_, axis) => order.indexOf(axis));
  return permute(call, reshapeTo(call, overLast(call, flat, epsilon), moved.shape), back);
}

function overLast(call: OpCall, tensor: GraphTensor, epsilon: number): GraphTensor {
  if (!call.isMap(tensor))
    return call.array({ op: 'normalize', epsilon }, [tensor], call.shapeIn(tensor), 'float32');
  const { id, x } = call.map(tensor);
  const output = call.plan.addValueIn(call.name, x.shape, x);
  return call.computed(
    call.plan.addStep({ op: 'normalize', layer: call.name, inputs: [id], output, epsilon }),
  );
}
