import type { ValueId } from '../plan/plan.ts';
import type { LayerCall } from './layer-call.ts';
import { type Entries, pickFromMap } from './ops/map-axes.ts';

/** Picks entries along the axes of a picture or a sequence. @param input - a map that is not flattened */
export function pickMap({ op }: LayerCall, input: ValueId, entries: readonly Entries[]): ValueId {
  const picked = pickFromMap(op, op.computed(input), entries);
  if (!picked)
    throw op.unfit(
      'a result that is not empty',
      entries.map(({ length }) => length),
    );
  return picked.id;
}
