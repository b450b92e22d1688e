import type { PlanBuilder } from '../builder.ts';
import { type Geometry, geometryOf, sizeOf, valueSize } from '../geometry.ts';
import type { ValueId } from '../plan.ts';

/**
 * Gives a value another logical shape of the same size.
 *
 * @returns `undefined` when the elements would have to move: the plan has no step for that
 */
export function emitReshape(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  shape: readonly number[],
): ValueId | undefined {
  const x = plan.value(input);
  if (x.shape.length === shape.length && x.shape.every((size, axis) => size === shape[axis])) return input;
  if (sizeOf(shape) !== valueSize(x)) return undefined;
  const geometry = aliasGeometry(x, shape) ?? inputGeometry(plan, input, shape);
  if (!geometry) return undefined;
  return plan.addStep({
    op: 'alias',
    layer: name,
    inputs: [input],
    output: plan.addValueIn(name, shape, geometry),
  });
}

/**
 * Geometry under which memory [channels][positions] reads as `shape` without moving: the channels stay, their
 * positions keep their order and get other rows and columns.
 */
function aliasGeometry(x: Geometry, shape: readonly number[]): Geometry | undefined {
  if (shape.length === 1) return x;
  const geometry = geometryOf(shape);
  return geometry.channels === x.channels ? geometry : undefined;
}

/**
 * An input of the model that nothing has read yet can still be laid out as its reshaped self: a picture that
 * comes in as a vector.
 */
function inputGeometry(plan: PlanBuilder, input: ValueId, shape: readonly number[]): Geometry | undefined {
  const geometry = geometryOf(shape);
  return plan.layOutInput(input, geometry) ? geometry : undefined;
}
