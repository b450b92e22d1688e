import type { Constant } from '../../plan/evaluate.ts';
import type { PlanValue } from '../../plan/plan.ts';

/**
 * A constant that is broadcast to a map, as one number for each entry of the map's last logical axis; `undefined` when it
 * varies elsewhere.
 *
 * @param rank - of the map with its batch
 */
export function perFeature(
  { shape, data }: Constant,
  x: Readonly<PlanValue>,
  rank: number,
): Float32Array | undefined {
  const features = x.shape.at(-1) ?? 1;
  if (shape.length > rank || !(data instanceof Float32Array)) return undefined;
  if (data.length === 1) return new Float32Array(features).fill(data[0]!);
  return data.length === features && shape.at(-1) === features ? data : undefined;
}
