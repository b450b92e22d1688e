import { sizeOf } from '../plan/geometry.ts';
import { onlyTensor } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { numbersOf } from './ops/graph-tensor.ts';
import { reshapeTo } from './ops/reshape.ts';

/** Another shape of the same elements. Where they have to move in memory, the result is an array. */
export const reshape: LayerType = {
  classNames: ['Reshape'],
  prunable: [],
  lower: (config) => {
    const target = config.get('targetShape');
    if (!Array.isArray(target) || !target.every((size) => Number.isInteger(size) || size === null)) {
      throw config.wrong('targetShape', 'a list of integers', target);
    }
    return (call) => {
      const input = onlyTensor(call);
      const [batch, ...from] = input.shape;
      const size = sizeOf(numbersOf(from));
      const to = resolve(target, size);
      if (!to) throw config.wrong('targetShape', `a shape of ${size} elements like [${from}]`, target);
      return [call.op.portId(reshapeTo(call.op, input, [batch!, ...to]))];
    };
  },
};

/** `target` with its one unknown axis (-1 or null) computed; `undefined` when the sizes do not fit. */
function resolve(target: readonly (number | null)[], size: number): number[] | undefined {
  const isUnknown = (axis: number | null) => axis === null || axis < 0;
  const known = sizeOf(target.filter((axis): axis is number => !isUnknown(axis)));
  const unknowns = target.filter(isUnknown).length;
  if (unknowns > 1 || known === 0) return undefined;
  const shape = target.map((axis) => (isUnknown(axis) ? size / known : (axis as number)));
  return sizeOf(shape) === size && shape.every(Number.isInteger) ? shape : undefined;
}
