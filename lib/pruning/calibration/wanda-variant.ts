import { checkFraction } from '../../native/check.ts';
import { native } from '../../native/load.ts';
import { refuseNan } from '../../sparse/refuse-nan.ts';
import type { Mask } from '../../sparse/structure.ts';
import { checkMatrix } from './wanda.ts';

/** How near the sparsity must come, and how narrow the bracket gets at most: the authors' constants. */
const tolerance = 0.001;
/** No share below this is looked for. */
const smallest = 1e-9;

/** Scores of one output from the lowest up, with their running sums. */
interface RankedOutput {
  places: Uint32Array;
  sums: Float64Array;
}

function rankOutputs(metric: Float32Array, outputs: number, inputs: number): RankedOutput[] {
  return Array.from({ length: outputs }, (_, row) => {
    const scores = metric.subarray(row * inputs, (row + 1) * inputs);
    const places = native().rankRising(scores);
    const sums = new Float64Array(inputs);
    let sum = 0;
    for (let i = 0; i < inputs; i++) {
      sum += scores[places[i]!]!;
      sums[i] = sum;
    }
    return { places, sums };
  });
}

/** Scores of an output whose running sum is at most `alpha` of the whole; ties with the last of them go too. */
function countUpTo({ places, sums }: RankedOutput, scores: Float32Array, alpha: number): number {
  const limit = (sums.at(-1) ?? 0) * alpha;
  let count = 0;
  while (count < sums.length && sums[count]! <= limit) count++;
  if (count === 0) return 0;
  const last = scores[places[count - 1]!]!;
  while (count < sums.length && scores[places[count]!]! <= last) count++;
  return count;
}

/** What {@link wandaVariantMask} found. */
export interface VariantMask {
  /** [outputs, inputs], row-major: 1 stays, 0 goes. */
  mask: Mask;
  /** The share of its sum that each output loses, in [0, 1]. */
  alpha: number;
}

/**
 * The variant of Wanda's mask (`use_variant`): every output loses the lowest scores that make up the same share alpha of its
 * sum, so that outputs whose scores are uneven lose more. Alpha is bisected from 0.4 in [0, 0.8] until the whole is
 * within 0.001 of the sparsity or the bracket is narrower than that; where 0.8 is too little, in [0.8, 1], and where the first
 * 0.001 is too much, below it.
 *
 * @param metric - [outputs, inputs], of {@link wandaMetric}
 * @param sparsity - fraction of zeros of the whole weight, in [0, 1]; reached but for 0.001, ties and the size of an entry
 * @returns mask [outputs, inputs] and the share
 * @throws {@link SparseError} `ERR_SPARSE_NAN`, `ERR_SPARSE_SHAPE`, `ERR_SPARSE_OPTION`
 * @see Sun et al. 2023, arXiv:2306.11695; locuslab/wanda
 */
export function wandaVariantMask(
  metric: Float32Array,
  shape: readonly [outputs: number, inputs: number],
  sparsity: number,
): VariantMask {
  const what = 'wandaVariantMask';
  const [outputs, inputs] = checkMatrix(what, 'metric', metric, shape);
  refuseNan(what, 'metric', metric);
  checkFraction(what, 'sparsity', sparsity);
  const mask = new Uint8Array(metric.length).fill(1);
  if (sparsity === 0 || metric.length === 0) return { mask, alpha: 0 };
  if (sparsity === 1) return { mask: mask.fill(0), alpha: 1 };
  const ranked = rankOutputs(metric, outputs, inputs);
  const countsAt = (alpha: number) =>
    ranked.map((one, row) => countUpTo(one, metric.subarray(row * inputs, (row + 1) * inputs), alpha));
  const reached = (counts: readonly number[]) =>
    counts.reduce((sum, count) => sum + count, 0) / metric.length;
  let [low, alpha, high] = [0, 0.4, 0.8];
  let counts = countsAt(alpha);
  while (Math.abs(reached(counts) - sparsity) > tolerance) {
    if (reached(counts) > sparsity) high = alpha;
    else low = alpha;
    if (high - low < tolerance) {
      // The authors' search ends here. Where the share lies beyond one of its ends, this one goes on.
      if (high === 0.8) [low, high] = [0.8, 1];
      else if (low > 0 || high < smallest) break;
    }
    alpha = (low + high) / 2;
    counts = countsAt(alpha);
  }
  ranked.forEach(({ places }, row) => {
    for (let i = 0; i < counts[row]!; i++) mask[row * inputs + places[i]!] = 0;
  });
  return { mask, alpha };
}
