import type { PlanBuilder } from '../builder.ts';
import type { ValueId } from '../plan.ts';

export interface ResizeOperands {
  /** [height, width] of the output. */
  size: readonly [number, number];
  alignCorners: boolean;
  halfPixels: boolean;
}

/** A picture of another size, interpolated linearly. */
export function emitResize(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  { size: [height, width], alignCorners, halfPixels }: ResizeOperands,
): ValueId {
  const x = plan.value(input);
  if (height === x.height && width === x.width) return input;
  const output = plan.addValue(name, [height, width, x.channels]);
  return plan.addStep({ op: 'resize', layer: name, inputs: [input], output, alignCorners, halfPixels });
}
