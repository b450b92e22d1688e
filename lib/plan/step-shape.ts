import { isFlattened, valueSize } from './geometry.ts';
import type { Plan, PlanStep } from './plan.ts';

/** Sizes of a step's work: C[m × n] = A[m × k] · Wᵀ. */
export interface StepShape {
  /** Batch times output positions. */
  m: number;
  /** Outputs (channels) at each of them. */
  n: number;
  /** Multiply-adds for each output; for steps without a weight, the elements that one output reads. */
  k: number;
}

/** M, N and K of a step for a batch. A pooling's K is its window; pointwise steps have K = 1. */
export function stepShape(plan: Plan, step: PlanStep, batch: number): StepShape {
  const output = plan.values[step.output]!;
  const m = batch * output.height * output.width;
  switch (step.op) {
    case 'matmul':
    case 'conv2d':
      return { m, n: step.n, k: step.k };
    case 'recurrence':
      // Of one time step; `describe` counts all of them.
      return { m: batch, n: step.n, k: step.k };
    case 'depthwise':
    case 'pool':
      return { m, n: output.channels, k: step.window.kernel[0] * step.window.kernel[1] };
    case 'softmax':
    case 'normalize':
      return isFlattened(output)
        ? { m: batch, n: valueSize(output), k: valueSize(output) }
        : { m, n: output.channels, k: output.channels };
    case 'overlapAdd':
      return { m, n: output.channels, k: step.window.kernel[0] * step.window.kernel[1] };
    case 'resize':
      return { m, n: output.channels, k: 4 };
    case 'product': {
      const x = plan.values[step.inputs[0]!]!;
      return { m: output.fixed ? 1 : batch, n: valueSize(output), k: x.shape.at(step.transposeA ? -2 : -1)! };
    }
    case 'reduce': {
      const x = plan.values[step.inputs[0]!]!;
      return { m: output.fixed ? 1 : batch, n: valueSize(output), k: valueSize(x) / valueSize(output) };
    }
    case 'alias':
    case 'constant':
      return { m, n: output.channels, k: 0 };
    default:
      return { m: output.layout === 'array' && output.fixed ? 1 : m, n: output.channels, k: 1 };
  }
}
