import { composeActivations } from '../clamps.ts';
import type { Plan } from '../plan.ts';
import { joinLayers, mergePairs } from './pairs.ts';

/** An activation behind a step that ends in one is computed by that step; two clamps are one. */
export function fuseActivation(plan: Plan): Plan {
  const steps = mergePairs(plan, (before, step) => {
    // Steps on arrays end in no activation.
    const isMap = plan.values[step.output]!.layout !== 'array';
    if (step.op !== 'activation' || !('activation' in before) || !isMap) return undefined;
    const activation = composeActivations(before.activation, step.activation);
    return activation && { ...before, layer: joinLayers(before, step), output: step.output, activation };
  });
  return { ...plan, steps };
}
