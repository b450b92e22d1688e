import type { Plan } from '../plan.ts';
import { joinLayers, mergePairs } from './pairs.ts';

/** An activation behind a step that ends in one is computed by that step. */
export function fuseActivation(plan: Plan): Plan {
  const steps = mergePairs(plan, (before, step) => {
    if (step.op !== 'activation' || !('activation' in before) || before.activation.type !== 'linear')
      return undefined;
    return { ...before, layer: joinLayers(before, step), output: step.output, activation: step.activation };
  });
  return { ...plan, steps };
}
