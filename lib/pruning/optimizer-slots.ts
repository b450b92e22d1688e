import type { Optimizer, Variable } from '@tensorflow/tfjs-core';
import { tfc } from './peers.ts';
import type { PrunedWeight } from './pruned-weight.ts';

/** A slot of TF.js's optimizers: entry i of a list belongs to the i-th gradient that was passed. */
export interface Slot {
  /** Of TF.js: the variable's name and the slot's, or what a saved model called it. */ originalName: string;
  variable: Variable;
}

/** The fields of TF.js's optimizers that hold slots. */
const slotFields = [
  'accumulations',
  'accumulatedFirstMoment',
  'accumulatedSecondMoment',
  'accumulatedWeightedInfNorm',
  'accumulatedMeanSquares',
  'accumulatedMoments',
  'accumulatedMeanGrads',
  'accumulatedGrads',
  'accumulatedUpdates',
] as const;

/** The lists of slots that an optimizer has, by the name of their field. */
export function slotLists(optimizer: Optimizer): [field: string, slots: Slot[]][] {
  const fields = optimizer as unknown as Record<string, Slot[] | undefined>;
  return slotFields.flatMap((field): [string, Slot[]][] => {
    const slots = fields[field];
    return Array.isArray(slots) ? [[field, slots]] : [];
  });
}

/** Number of slots that exist. */
export function countSlots(optimizer: Optimizer): number {
  return slotLists(optimizer).reduce((sum, [, slots]) => sum + slots.length, 0);
}

/** Name of the variable that a slot was made for. */
export function ownerOf({ originalName }: Slot): string {
  return originalName.slice(0, originalName.lastIndexOf('/'));
}

/**
 * Makes the slots of pruned entries zero.
 *
 * @param names - of the gradients, in order; without them the slots' own names tell
 */
export function maskSlots(
  optimizer: Optimizer,
  weights: ReadonlyMap<string, PrunedWeight>,
  names?: readonly string[],
): void {
  for (const [, slots] of slotLists(optimizer)) {
    slots.forEach((slot, i) => {
      const weight = slot && weights.get(names ? names[i]! : ownerOf(slot));
      if (weight) tfc.tidy(() => slot.variable.assign(weight.masked(slot.variable) as Variable));
    });
  }
}
