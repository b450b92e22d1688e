import type { Plan, PlanStep, PlanValue } from '../plan.ts';
import { LiftedSteps } from './lift-steps.ts';
import { isMapOf } from './map-view.ts';
import { removeDead } from './remove-dead.ts';

/**
 * Values that leave the maps only to come back stay maps. Transposes, reshapes and slices in between cancel or become one
 * `pick` of rows, columns and channels; activations, sums, padding and concatenations run on the maps, where the steps
 * before them may compute them. So a model of [batch, channels, height, width], or one that shuffles channels, pays for
 * few moves from layout to layout.
 */
export function mapMoves(plan: Plan): Plan {
  if (!plan.steps.some(({ op }) => op === 'toArray')) return plan;
  const values: PlanValue[] = [...plan.values];
  const steps: PlanStep[] = [];
  const lifted = new LiftedSteps(plan, values, steps);
  for (const step of plan.steps) {
    const view = step.op === 'toMap' ? lifted.viewOf(step.inputs[0]!) : undefined;
    if (view && isMapOf(view, values[step.output]!)) {
      const { map } = lifted.straight(view, step.layer);
      steps.push({ op: 'alias', layer: step.layer, inputs: [map], output: step.output });
      continue;
    }
    const made = lifted.add(step);
    // Computed on maps, it is moved to where arrays are once; what it was computed from need not be.
    if (made !== undefined)
      steps.push({ op: 'toArray', layer: step.layer, inputs: [made], output: step.output });
    else steps.push(step);
  }
  return removeDead({ ...plan, values, steps });
}
