import type { WeightValues } from './model-weights.ts';
import type { UnitArrays } from './study-folder.ts';

/** Maps of weights as the arrays of a part, under a name for each map. */
export function packArrays(maps: Readonly<Record<string, WeightValues>>): UnitArrays {
  return Object.fromEntries(
    Object.entries(maps).flatMap(([name, map]) =>
      [...map].map(([key, values]): [string, Float32Array] => [`${name}:${key}`, values]),
    ),
  );
}

/** The weights that {@link packArrays} was given under this name. */
export function unpackWeights(arrays: UnitArrays, name: string): Map<string, Float32Array> {
  const prefix = `${name}:`;
  return new Map(
    Object.entries(arrays)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, values]) => [key.slice(prefix.length), values as Float32Array]),
  );
}
