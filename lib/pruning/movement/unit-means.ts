/** A weight whose scores are ranked by whole inputs or outputs. */
interface Ranked {
  readonly key: string;
  readonly shape: readonly number[];
  readonly bias: boolean;
}

function means(scores: Float32Array, outputs: number, side: 'input' | 'output'): Float32Array {
  const inputs = scores.length / outputs;
  const units = side === 'input' ? inputs : outputs;
  const unitOf = (i: number) => (side === 'input' ? Math.floor(i / outputs) : i % outputs);
  const sums = new Float64Array(units);
  for (let i = 0; i < scores.length; i++) sums[unitOf(i)]! += scores[i]!;
  return scores.map((_, i) => sums[unitOf(i)]! / (scores.length / units));
}

/**
 * Learned scores made ready for a ranking of whole inputs or outputs by norms. A norm would take a very negative score for
 * a good one: each entry becomes the mean of its input or output, and all are raised above zero together, so that the
 * greatest of a unit's entries ranks the units by their means, in one weight or over all.
 */
export function unitMeans(
  weights: readonly Ranked[],
  scores: ReadonlyMap<string, Float32Array>,
  side: 'input' | 'output',
): Map<string, Float32Array> {
  const filled = new Map<string, Float32Array>();
  let lowest = 0;
  for (const { key, shape, bias } of weights) {
    const own = scores.get(key)!;
    const values = bias ? own : means(own, shape.at(-1)!, side);
    for (const value of values) if (value < lowest) lowest = value;
    filled.set(key, values);
  }
  for (const [key, values] of filled)
    filled.set(
      key,
      values.map((value) => value - lowest),
    );
  return filled;
}
