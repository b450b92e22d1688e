import type { PlanStep, TensorName } from './plan.ts';

/** Names of the tensors that a step reads. */
export function stepTensors(step: PlanStep): TensorName[] {
  switch (step.op) {
    case 'affine':
      return [step.scale, step.shift];
    case 'prelu':
      return [step.alpha];
    case 'constant':
      return [step.tensor];
    case 'overlapAdd':
      return step.bias === undefined ? [] : [step.bias];
    case 'matmul':
    case 'conv2d':
    case 'depthwise':
    case 'recurrence':
      return step.bias === undefined ? [step.weight] : [step.weight, step.bias];
    default:
      return [];
  }
}
