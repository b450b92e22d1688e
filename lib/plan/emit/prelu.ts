import type { PlanBuilder } from '../builder.ts';
import type { ValueId } from '../plan.ts';

/** y = x where it is positive, alpha[channel] · x elsewhere. @param alpha - one for each channel of a map */
export function emitPrelu(plan: PlanBuilder, name: string, input: ValueId, alpha: Float32Array): ValueId {
  const x = plan.value(input);
  return plan.addStep({
    op: 'prelu',
    layer: name,
    inputs: [input],
    output: plan.addValueIn(name, x.shape, x),
    alpha: plan.addTensor(`${name}/alpha`, [alpha.length], alpha),
  });
}
