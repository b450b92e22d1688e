import { isFlattened } from '../../plan/geometry.ts';
import type { PlanValue } from '../../plan/plan.ts';
import type { Computed } from './graph-tensor.ts';
import { checkCount } from './limits.ts';
import type { OpCall } from './op-call.ts';

/** Which of the input's entries each entry of the output is, along one axis; -1 for a constant. */
export type Entries = readonly number[];

/** 0, 1, …, size - 1. */
export function allEntries(size: number): number[] {
  checkCount(size);
  return Array.from({ length: size }, (_, i) => i);
}

/** The same entry, `size` times. */
export function sameEntry(entry: number, size: number): number[] {
  checkCount(size);
  return new Array<number>(size).fill(entry);
}

/**
 * Picks entries along axes of a map, where the axes are those of its memory.
 *
 * @param entries - for each axis of the map's shape (without the batch)
 * @returns `undefined` for a map of more axes, or a flattened one
 */
export function pickFromMap(
  call: OpCall,
  tensor: Computed,
  entries: readonly Entries[],
  fill = 0,
): Computed | undefined {
  const x: Readonly<PlanValue> = call.plan.value(tensor.id);
  if (isFlattened(x) || x.shape.length > 3 || x.shape.length === 0) return undefined;
  const channels = entries.at(-1)!;
  const columns = entries.at(-2) ?? [0];
  const rows = entries.at(-3) ?? [0];
  const lengths = entries.map((list) => list.length);
  if (lengths.includes(0)) return undefined;
  const output = call.plan.addValue(call.name, lengths);
  return call.computed(
    call.plan.addStep({
      op: 'pick',
      layer: call.name,
      inputs: [tensor.id],
      output,
      rows: [...rows],
      columns: [...columns],
      channels: [...channels],
      fill,
    }),
  );
}
