import type { Plan, Window } from '../plan.ts';

/** A convolution of one tap that visits every position is a matmul over the channels at each of them. */
export function pointwiseConv(plan: Plan): Plan {
  const steps = plan.steps.map((step) => {
    if (step.op !== 'conv2d' || !isPointwise(step.window)) return step;
    const { window: _, ...rest } = step;
    return { ...rest, op: 'matmul' as const };
  });
  return { ...plan, steps };
}

function isPointwise({ kernel, strides, padding }: Window): boolean {
  return [...kernel, ...strides].every((size) => size === 1) && padding.every((size) => size === 0);
}
