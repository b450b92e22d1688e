import type { PlanActivation } from './plan.ts';

/** Activations without scalars, by the name that a plan uses. */
export const plainActivations = [
  'linear',
  'relu',
  'relu6',
  'sigmoid',
  'tanh',
  'elu',
  'selu',
  'gelu',
  'swish',
  'softplus',
  'hardSigmoid',
  'softsign',
  'mish',
  'geluTanh',
  'hardSigmoid6',
] as const satisfies readonly PlanActivation['type'][];

export type PlainActivation = (typeof plainActivations)[number];

export const linear: PlanActivation = { type: 'linear' };

/** Whether `name` is an activation without scalars. */
export function isPlainActivation(name: string): name is PlainActivation {
  return (plainActivations as readonly string[]).includes(name);
}

/** For people: `relu`, `leakyRelu(0.3)`, `clamp(0, 4)`. */
export function formatActivation(activation: PlanActivation): string {
  if ('alpha' in activation) return `${activation.type}(${Number(activation.alpha.toPrecision(6))})`;
  if (activation.type === 'clamp') return `clamp(${activation.min}, ${activation.max})`;
  return activation.type;
}
