import type { PlanBuilder } from '../builder.ts';
import type { PlanActivation, ValueId } from '../plan.ts';

/** What a layer's `activation` may be: softmax looks at a whole axis and is a step of its own. */
export type LayerActivation = PlanActivation | { type: 'softmax' };

/** Applies an activation; a linear one adds nothing. Softmax goes over the last axis of the logical shape. */
export function emitActivation(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  activation: LayerActivation,
): ValueId {
  if (activation.type === 'linear') return input;
  const x = plan.value(input);
  const step = { layer: name, inputs: [input], output: plan.addValueIn(name, x.shape, x) };
  return plan.addStep(
    activation.type === 'softmax' ? { op: 'softmax', ...step } : { op: 'activation', ...step, activation },
  );
}
