import { isFlattened } from '../../plan/geometry.ts';
import { BatchIsMixed, type GraphTensor } from './graph-tensor.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';
import { reshapeTo } from './reshape.ts';

/** Tensors one behind the other along an axis. */
export const concat: OpType = {
  ops: ['ConcatV2', 'Concat'],
  lower: (call) => {
    const axisAt = call.op === 'Concat' ? 0 : call.inputs.length - 1;
    const tensors = call.inputs.filter((_, i) => i !== axisAt);
    const axis = call.axisOf(call.integer(axisAt), call.input(axisAt === 0 ? 1 : 0).shape.length);
    return [join(call, tensors, axis)];
  },
};

/** Tensors of one shape along a new axis. */
export const pack: OpType = {
  ops: ['Pack'],
  lower: (call) => {
    const { shape } = call.input(0);
    const axis = call.axisOf(call.attributes.integer('axis', 0), shape.length + 1);
    const wide = [...shape.slice(0, axis), 1, ...shape.slice(axis)];
    return [
      join(
        call,
        call.inputs.map((tensor) => reshapeTo(call, tensor, wide)),
        axis,
      ),
    ];
  },
};

/** The tensors one behind the other along `axis`, the batch counted. */
export function join(call: OpCall, tensors: readonly GraphTensor[], axis: number): GraphTensor {
  const [first] = tensors;
  if (!first) throw call.unfit('at least one tensor', 0);
  if (tensors.length === 1) return first;
  return joinMaps(call, tensors, axis) ?? joinArrays(call, tensors, axis);
}

function joinMaps(call: OpCall, tensors: readonly GraphTensor[], axis: number): GraphTensor | undefined {
  const rank = tensors[0]!.shape.length;
  if (axis !== rank - 1 || axis === 0 || !tensors.every((tensor) => call.isMap(tensor))) return undefined;
  const maps = tensors.map((tensor) => call.map(tensor));
  const [{ x }] = maps as [(typeof maps)[0]];
  const fits = maps.every(
    (map) => map.x.height === x.height && map.x.width === x.width && map.x.shape.length === x.shape.length,
  );
  if (!fits || maps.some((map) => isFlattened(map.x))) return undefined;
  const channels = maps.reduce((sum, map) => sum + map.x.channels, 0);
  return call.computed(
    call.plan.addStep({
      op: 'concat',
      layer: call.name,
      inputs: maps.map(({ id }) => id),
      output: call.plan.addValue(call.name, [...x.shape.slice(0, -1), channels]),
      axis: x.shape.length - 1,
    }),
  );
}

function joinArrays(call: OpCall, tensors: readonly GraphTensor[], axis: number): GraphTensor {
  const hidden = call.hidden(tensors);
  if (hidden === 1 && axis === 0) throw new BatchIsMixed();
  const shapes = tensors.map((tensor) => {
    if (tensor.kind === 'sizes' || (hidden === 1 && tensor.kind === 'constant')) throw new BatchIsMixed();
    return call.shapeIn(tensor);
  });
  const own = axis - hidden;
  const [first] = shapes as [number[]];
  for (const shape of shapes)
    if (shape.length !== first.length || shape.some((size, i) => i !== own && size !== first[i]))
      throw call.unfit(`tensors like [${first}]`, shape);
  const total = shapes.reduce((sum, shape) => sum + shape[own]!, 0);
  return call.array({ op: 'concat', axis: own }, tensors, first.with(own, total), tensors[0]!.dtype);
}
