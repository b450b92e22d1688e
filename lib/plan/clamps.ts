import type { PlanActivation } from './plan.ts';

interface Bounds {
  min: number;
  max: number;
}

/** The bounds of an activation that is a clamp; `undefined` when it is more than that. */
export function boundsOf(activation: PlanActivation): Bounds | undefined {
  switch (activation.type) {
    case 'linear':
      return { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
    case 'relu':
      return { min: 0, max: Number.POSITIVE_INFINITY };
    case 'relu6':
      return { min: 0, max: 6 };
    case 'clamp':
      return {
        min: activation.min ?? Number.NEGATIVE_INFINITY,
        max: activation.max ?? Number.POSITIVE_INFINITY,
      };
    default:
      return undefined;
  }
}

/** The one activation that does what two do, one after the other; `undefined` when there is none. */
export function composeActivations(
  first: PlanActivation,
  second: PlanActivation,
): PlanActivation | undefined {
  if (first.type === 'linear') return second;
  const [inner, outer] = [boundsOf(first), boundsOf(second)];
  if (!inner || !outer) return undefined;
  const clamp = (value: number) => Math.min(Math.max(value, outer.min), outer.max);
  const [min, max] = [clamp(inner.min), clamp(inner.max)];
  if (min === 0 && max === Number.POSITIVE_INFINITY) return { type: 'relu' };
  if (min === 0 && max === 6) return { type: 'relu6' };
  return {
    type: 'clamp',
    ...(Number.isFinite(min) && { min }),
    ...(Number.isFinite(max) && { max }),
  };
}
