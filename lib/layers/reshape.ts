import { emitReshape } from '../plan/emit/reshape.ts';
import { sizeOf } from '../plan/geometry.ts';
import { onlyInput } from './layer-call.ts';
import type { LayerType } from './layer-type.ts';
import { keepInTensorFlow, UnsupportedFeature } from './unsupported-feature.ts';

/** Another shape of the same elements; compiled where no element has to move in memory. */
export const reshape: LayerType = {
  classNames: ['Reshape'],
  prunable: [],
  lower: (config) => {
    const target = config.get('targetShape');
    if (!Array.isArray(target) || !target.every((size) => Number.isInteger(size) || size === null)) {
      throw config.wrong('targetShape', 'a list of integers', target);
    }
    return (call) => {
      const input = onlyInput(call);
      const from = call.plan.value(input).shape;
      const to = resolve(target, sizeOf(from));
      if (!to)
        throw config.wrong('targetShape', `a shape of ${sizeOf(from)} elements like [${from}]`, target);
      const output = emitReshape(call.plan, call.name, input, to);
      if (output === undefined) {
        throw new UnsupportedFeature(
          `reshaping [${from}] to [${to}] would move elements, which has no native step; ${keepInTensorFlow}`,
        );
      }
      return [output];
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
