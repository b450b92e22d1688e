import { SparseError } from '../errors.ts';

/**
 * Lp norm of each channel along an axis, over all other axes: (Σ |x|^p)^(1/p), summed in float64 and rounded once.
 *
 * @param values - row-major, as many as the shape says
 * @param order - p, any number but 0 and NaN; Infinity: greatest, -Infinity: smallest magnitude
 * @returns one norm per channel; 0 where a channel is empty
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for another order
 */
export function channelNorms(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  order: number,
): Float32Array {
  if (typeof order !== 'number' || Number.isNaN(order) || order === 0) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `channelNorms: order is ${order}, expected a number other than 0.`,
      { tensor: 'order', expected: 'a number other than 0', received: order },
    );
  }
  const channels = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const extreme = Math.abs(order) === Number.POSITIVE_INFINITY;
  const smallest = order === Number.NEGATIVE_INFINITY;
  const sums = new Float64Array(channels).fill(smallest && values.length > 0 ? Number.POSITIVE_INFINITY : 0);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.trunc(i / inner) % channels;
    const size = Math.abs(values[i]!);
    if (!extreme) sums[channel]! += size ** order;
    else sums[channel] = smallest ? Math.min(sums[channel]!, size) : Math.max(sums[channel]!, size);
  }
  return Float32Array.from(sums, (sum) => (extreme ? sum : sum ** (1 / order)));
}
