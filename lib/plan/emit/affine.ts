import { linear } from '../activations.ts';
import type { PlanBuilder } from '../builder.ts';
import type { ValueId } from '../plan.ts';
import { memoryOrder, reorder } from './operands.ts';

/** y = x · scale + shift, with one scale and shift for each entry of the last axis of the logical shape. */
export function emitAffine(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  { scale, shift }: { scale: Float32Array; shift: Float32Array },
): ValueId {
  const x = plan.value(input);
  const order = memoryOrder(x);
  return plan.addStep({
    op: 'affine',
    layer: name,
    inputs: [input],
    output: plan.addValueIn(name, x.shape, x),
    scale: plan.addTensor(`${name}/scale`, [scale.length], reorder(scale, order)),
    shift: plan.addTensor(`${name}/shift`, [shift.length], reorder(shift, order)),
    activation: linear,
  });
}
