import type { PlanTensor } from '../plan.ts';

/** Keeps a tensor that a pass made, under its name or that and a number. @returns the name */
export function addTensor(tensors: Record<string, PlanTensor>, name: string, tensor: PlanTensor): string {
  let key = name;
  for (let i = 2; Object.hasOwn(tensors, key); i++) key = `${name}#${i}`;
  tensors[key] = tensor;
  return key;
}
