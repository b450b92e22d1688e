import type { Mask } from '../../sparse/structure.ts';
import type { WeightValues } from './model-weights.ts';
import type { UnitArrays } from './study-folder.ts';

/** Maps of weights and masks as the arrays of a part, under a name for each map. */
export function packArrays(
  maps: Readonly<Record<string, WeightValues | ReadonlyMap<string, Mask>>>,
): UnitArrays {
  return Object.fromEntries(
    Object.entries(maps).flatMap(([name, map]) =>
      [...map].map(([key, values]): [string, Float32Array | Uint8Array] => [`${name}:${key}`, values]),
    ),
  );
}

function unpack<T>(arrays: UnitArrays, name: string): Map<string, T> {
  const prefix = `${name}:`;
  return new Map(
    Object.entries(arrays)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, values]) => [key.slice(prefix.length), values as T]),
  );
}

/** The weights that {@link packArrays} was given under this name. */
export function unpackWeights(arrays: UnitArrays, name: string): Map<string, Float32Array> {
  return unpack<Float32Array>(arrays, name);
}

/** The masks that {@link packArrays} was given under this name. */
export function unpackMasks(arrays: UnitArrays, name: string): Map<string, Mask> {
  return unpack<Mask>(arrays, name);
}
