import type { PlanBuilder } from '../builder.ts';
import { shapeBehind } from '../geometry.ts';
import type { ValueId, Window } from '../plan.ts';

/** The largest element under a window, or the mean of those that are not padding. Keeps the channels. */
export function emitPool(
  plan: PlanBuilder,
  name: string,
  input: ValueId,
  mode: 'max' | 'avg',
  window: Window,
): ValueId {
  const x = plan.value(input);
  return plan.addStep({
    op: 'pool',
    layer: name,
    inputs: [input],
    output: plan.addValue(name, shapeBehind(x, window, x.channels)),
    mode,
    window,
  });
}
