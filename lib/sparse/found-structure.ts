import type { WeightStats } from '../native/bindings.ts';

/**
 * Pattern of a weight's zeros, whoever made it.
 *
 * - input, output, input and output: whole inputs, whole outputs or both are zero, and nothing else.
 * - block 2, 4, 8: so many neighbouring outputs mostly use the same inputs. Single weights of a block may be zero.
 * - 2:4, 1:2, …: every output keeps two of each four neighbouring inputs, or N of each M.
 * - balanced: every output keeps as many weights of each 32 neighbouring inputs as the others.
 * - dense: there is no zero.
 */
export type FoundStructure =
  | 'dense'
  | 'unstructured'
  | 'balanced'
  | 'input'
  | 'output'
  | 'input and output'
  | 'block 2'
  | 'block 4'
  | 'block 8'
  | `${number}:${number}`;

/** A weight [n outputs, k inputs]. */
interface CountedWeight {
  n: number;
  k: number;
  stats: WeightStats;
}

/**
 * How much of the way from chance to whole blocks a weight has gone, from which on it is said to have them. Blocks of half the
 * size, and of any weight the blocks of twice its size, reach less: 0.43 at most.
 */
const leastCohesion = 0.5;

/**
 * Share of non-zeros among what blocks of this many outputs store, 0 where it is what independent zeros give, 1 where no
 * block has a zero.
 */
function cohesion({ n, k, stats }: CountedWeight, outputs: number, entries: number): number {
  const groups = Math.ceil(n / outputs);
  // The last group may have fewer outputs.
  const size = n / groups;
  if (size <= 1) return 0;
  const density = stats.nonZeros / (n * k);
  const filled = stats.nonZeros / (entries * size);
  const byChance = density / (1 - (1 - density) ** size);
  return (filled - byChance) / (1 - byChance);
}

/** Names the pattern of a weight's zeros by counting them. */
export function findStructure(weight: CountedWeight): FoundStructure {
  const { n, k, stats } = weight;
  if (stats.nonZeros === n * k) return 'dense';
  if (stats.nonZeros === 0) return 'unstructured';
  const { usedInputs, usedOutputs, nmKeep, nmOf } = stats;
  if (stats.nonZeros === usedInputs * usedOutputs) {
    if (usedOutputs === n) return 'input';
    return usedInputs === k ? 'output' : 'input and output';
  }
  const blocks = [
    { name: 'block 8', cohesion: cohesion(weight, 8, stats.entries8) },
    { name: 'block 4', cohesion: cohesion(weight, 4, stats.entries4) },
    { name: 'block 2', cohesion: cohesion(weight, 2, stats.entries2) },
  ] as const;
  // The widest of those that fit equally well.
  const best = blocks.reduce((a, b) => (b.cohesion > a.cohesion + 1e-9 ? b : a));
  if (best.cohesion >= leastCohesion) return best.name;
  if (nmOf > 0) return `${nmKeep}:${nmOf}`;
  return stats.balanced ? 'balanced' : 'unstructured';
}
