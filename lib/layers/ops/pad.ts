import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';
import { combine } from './binary.ts';
import { BatchIsMixed, constant, type GraphTensor, numbersOf } from './graph-tensor.ts';
import { allEntries, pickFromMap, sameEntry } from './map-axes.ts';
import type { OpCall } from './op-call.ts';
import type { OpType } from './op-type.ts';

/** Room around a tensor: filled with a constant, or mirrored. */
export const pad: OpType = {
  ops: ['Pad', 'PadV2', 'MirrorPad'],
  lower: (call) => {
    const tensor = call.input(0);
    if (tensor.kind === 'sizes') throw new BatchIsMixed();
    const list = call.integers(1);
    const rank = tensor.shape.length;
    if (list.length !== 2 * rank || list.some((size) => size < 0))
      throw call.unfit(`${rank} pairs from 0`, list);
    const hidden = call.hidden([tensor]);
    const pairs = Array.from({ length: rank }, (_, axis) => [list[2 * axis]!, list[2 * axis + 1]!] as const);
    if (hidden === 1 && pairs[0]!.some((size) => size > 0)) throw new BatchIsMixed();
    const isMap = call.isMap(tensor) && pairs[0]!.every((size) => size === 0);
    const fill = call.op === 'PadV2' ? fillOf(call) : 0;
    if (isMap) {
      const shape = numbersOf(tensor.shape.slice(1));
      const picked = pickFromMap(
        call,
        tensor,
        shape.map((size, axis) => entriesOf(call, size, pairs[axis + 1]!)),
        fill,
      );
      if (picked) return [picked];
    }
    const shape = call.shapeIn(tensor);
    const own = pairs.slice(hidden);
    if (call.op === 'MirrorPad') return [gatherAxes(call, tensor, shape, own)];
    const padded = shape.map((size, axis) => size + own[axis]![0] + own[axis]![1]);
    const before = own.map(([first]) => first);
    if (tensor.dtype === 'float32' || fill === 0)
      return [call.array({ op: 'pad', before, fill }, [tensor], padded, tensor.dtype)];
    if (tensor.dtype === 'bool')
      throw new UnsupportedFeature(`padding bools with ${fill} is not compiled; ${keepInTensorFlow}`);
    // The plan pads integers with 0: around what they are more than the number.
    const level = constant('int32', [], Int32Array.of(fill));
    const rest = combine(call, 'sub', tensor, level);
    const around = call.array({ op: 'pad', before, fill: 0 }, [rest], padded, rest.dtype);
    return [combine(call, 'add', around, level)];
  },
};

function fillOf(call: OpCall): number {
  const { data } = call.constant(2);
  if (data.length !== 1) throw call.unfit('one number to fill with', [data.length]);
  return data[0]!;
}

function entriesOf(call: OpCall, size: number, [before, after]: readonly [number, number]): number[] {
  if (call.op !== 'MirrorPad')
    return [...sameEntry(-1, before), ...allEntries(size), ...sameEntry(-1, after)];
  // REFLECT leaves the edge itself out, SYMMETRIC repeats it.
  const edge = call.attributes.string('mode', 'REFLECT') === 'REFLECT' ? 1 : 0;
  if (before > size - edge || after > size - edge)
    throw call.unfit(`at most ${size - edge} mirrored`, [before, after]);
  const front = allEntries(before).map((i) => before - 1 - i + edge);
  const back = allEntries(after).map((i) => size - 1 - edge - i);
  return [...front, ...allEntries(size), ...back];
}

function gatherAxes(
  call: OpCall,
  tensor: GraphTensor,
  shape: readonly number[],
  pairs: readonly (readonly [number, number])[],
): GraphTensor {
  let current = tensor;
  let size = [...shape];
  pairs.forEach((pair, axis) => {
    if (pair[0] + pair[1] === 0) return;
    const entries = entriesOf(call, shape[axis]!, pair);
    size = size.with(axis, entries.length);
    const indices = constant('int32', [entries.length], Int32Array.from(entries));
    current = call.array({ op: 'gather', axis, along: false }, [current, indices], size, tensor.dtype);
  });
  return current;
}
