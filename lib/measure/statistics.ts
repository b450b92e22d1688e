/**
 * Statistics of timing samples. Medians and order statistics only: the time of a call has a long right tail (the
 * scheduler, a garbage collection), and a mean follows the tail.
 */

/** Middle value; the mean of the two middle ones for an even count; NaN for none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median absolute deviation from the median, not scaled to a normal distribution; NaN for no values. */
export function medianAbsoluteDeviation(values: ArrayLike<number>): number {
  const centre = median(values);
  return median(Float64Array.from(values, (v) => Math.abs(v - centre)));
}

/**
 * Interval that holds the median of the distribution with at least 95 % probability, whatever the distribution:
 * the order statistics k and n + 1 − k, with k the largest for which a fair coin shows fewer than k heads in n
 * throws in at most 2.5 % of cases. With fewer than 6 values no such k exists: the smallest and the largest.
 *
 * @see Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2
 */
export function medianInterval(values: ArrayLike<number>): [low: number, high: number] {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return [Number.NaN, Number.NaN];
  // P(heads = i), kept as a logarithm: 2^-n underflows from n = 1075 on.
  let logP = -n * Math.LN2;
  let below = Math.exp(logP);
  let k = 0;
  while (below <= 0.025) {
    k++;
    logP += Math.log((n - k + 1) / k);
    below += Math.exp(logP);
  }
  const first = Math.max(k - 1, 0);
  return [sorted[first]!, sorted[n - 1 - first]!];
}

/** How many times faster one engine is than another, from samples taken in turn. */
export interface Ratio {
  /** Median of the rounds' ratios, time of the baseline / time of the engine; above 1 is faster. */
  ratio: number;
  /** 95 % interval of that median. */
  interval: [low: number, high: number];
}

/**
 * Ratio of two engines whose samples were taken in turn: sample i of both belongs to round i, so what slows the
 * machine down for a while slows both and cancels.
 */
export function pairedRatio(baseline: ArrayLike<number>, engine: ArrayLike<number>): Ratio {
  const rounds = Math.min(baseline.length, engine.length);
  const ratios = Float64Array.from({ length: rounds }, (_, i) => baseline[i]! / engine[i]!);
  return { ratio: median(ratios), interval: medianInterval(ratios) };
}

/**
 * Largest absolute difference of two outputs, divided by the largest magnitude in `expected` (by 1 when that is
 * 0). Infinity when the lengths differ or one side has a NaN where the other has none.
 */
export function relativeDifference(expected: ArrayLike<number>, received: ArrayLike<number>): number {
  if (expected.length !== received.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i]!;
    const r = received[i]!;
    if (e === r || (Number.isNaN(e) && Number.isNaN(r))) {
      if (Number.isFinite(e)) largest = Math.max(largest, Math.abs(e));
      continue;
    }
    const d = Math.abs(e - r);
    if (!Number.isFinite(d)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, d);
    largest = Math.max(largest, Math.abs(e));
  }
  return difference / (largest || 1);
}
