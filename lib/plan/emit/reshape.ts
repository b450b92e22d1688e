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
  const geometry = aliasGeometry(x, shape);
  if (!geometry) return undefined;
  return plan.addStep({
    op: 'alias',
    layer: name,
    inputs: [input],
    output: plan.addValueIn(name, shape, geometry),
  });
}

/** Geometry under which memory [channels][positions] reads as `shape` without moving. */
function aliasGeometry(x: Geometry, shape: readonly number[]): Geometry | undefined {
  const direct = geometryOf(shape);
  // As many channels: the positions stay in their order, only their rows and columns are renamed.
  if (direct.channels === x.channels) return direct;
  // Both orders of the two axes are the same when one of them has one element, before and after.
  if (isSingleAxis(x) && isSingleAxis(direct)) return direct;
  return shape.length === 1 ? x : undefined;
}

function isSingleAxis(geometry: Geometry): boolean {
  return geometry.channels === 1 || geometry.height * geometry.width === 1;
}
