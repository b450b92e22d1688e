import type { PlanStep, TensorName } from './plan.ts';

/** Names of the tensors that a step reads. */
export function stepTensors(step: PlanStep): TensorName[] {
  if (step.op === 'affine') return [step.scale, step.shift];
  if ('weight' in step) return step.bias === undefined ? [step.weight] : [step.weight, step.bias];
  return [];
}
