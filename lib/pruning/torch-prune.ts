import { SparseError } from '../errors.ts';
import { checkArray, checkFloat32Array, checkFraction, checkInteger } from '../native/check.ts';
import { checkShape } from '../sparse/check-shape.ts';
import { applyMask } from '../sparse/masks.ts';
import { roundHalfEven } from '../sparse/round.ts';
import type { Mask } from '../sparse/structure.ts';
import { countOnes } from '../sparse/structured-mask.ts';
import { channelNorms } from './channel-norms.ts';
import { magnitude } from './criteria/magnitude.ts';
import { keepHighest } from './rank-units.ts';

/** How much to prune of what is left: a fraction of it (torch's float), or a number (torch's int). */
export type PruneAmount =
  | {
      /** Of what is left, in [0, 1]. */
      fraction: number;
    }
  | {
      /** A whole number, at most what is left. */
      count: number;
    };

/** A weight and what was pruned of it before. */
export interface TorchWeight {
  /** Row-major; pruned ones may have any value. */ values: Float32Array;
  /** Default: nothing is pruned. */ mask?: Mask | undefined;
}

function toPrune(what: string, amount: PruneAmount, left: number): number {
  if ('fraction' in amount)
    return roundHalfEven(checkFraction(what, 'amount.fraction', amount.fraction) * left);
  return checkInteger(what, 'amount.count', amount.count, 0, left);
}

function maskOf(what: string, { values, mask }: TorchWeight, name: string): Mask {
  checkFloat32Array(what, name, values);
  if (mask === undefined) return new Uint8Array(values.length).fill(1);
  return checkArray(what, `mask of ${name}`, 'Uint8Array', mask, values.length);
}

/**
 * torch's `l1_unstructured`: prunes the smallest magnitudes of what is left; the lower index is kept on a tie (torch leaves
 * that open).
 *
 * @param amount - a fraction is rounded half to even
 * @returns the new mask; pruning again with it goes on from there
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a fraction outside [0, 1] or more than is left, `ERR_SPARSE_NAN`
 * @see torch.nn.utils.prune
 */
export function torchUnstructured(weight: TorchWeight, amount: PruneAmount): Mask {
  return torchGlobal([weight], amount)[0]!;
}

/**
 * torch's `global_unstructured` with `L1Unstructured`: one ranking of magnitudes over all weights.
 *
 * @param amount - a fraction of what is left of all weights together, or a number
 * @returns the new masks, in the order of the weights
 * @throws {@link SparseError} as {@link torchUnstructured}
 * @see torch.nn.utils.prune
 */
export function torchGlobal(weights: readonly TorchWeight[], amount: PruneAmount): Mask[] {
  const what = 'torchGlobal';
  const masks = weights.map((weight, i) => maskOf(what, weight, `weights[${i}]`));
  const size = masks.reduce((total, mask) => total + mask.length, 0);
  const [scores, live] = [new Float32Array(size), new Uint8Array(size)];
  let at = 0;
  weights.forEach(({ values }, i) => {
    scores.set(magnitude({ values }), at);
    live.set(masks[i]!, at);
    at += values.length;
  });
  const left = countOnes(live);
  const kept = keepHighest('weights', scores, left - toPrune(what, amount, left), live);
  at = 0;
  return masks.map(({ length }) => {
    at += length;
    return kept.slice(at - length, at);
  });
}

/**
 * torch's `ln_structured`: prunes whole channels along an axis, those of the smallest norm. Channels that are pruned
 * already are not ranked, entries that are pruned count as 0.
 *
 * @param shape - of rank 2 or more
 * @param options - `order` of the norm, any number but 0 and NaN (Infinity: greatest, -Infinity: smallest magnitude);
 *   `dim`: axis of the channels, from the end when negative
 * @returns the new mask
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE` for rank 0 and 1, `ERR_SPARSE_OPTION`, `ERR_SPARSE_NAN`
 * @see torch.nn.utils.prune
 */
export function torchStructured(
  weight: TorchWeight,
  shape: readonly number[],
  amount: PruneAmount,
  options: { order: number; dim: number },
): Mask {
  const what = 'torchStructured';
  const size = checkShape(what, shape);
  checkFloat32Array(what, 'values', weight.values, size);
  if (shape.length < 2) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: shape [${shape}] has no channels, expected rank 2 or more.`,
      {
        tensor: 'values',
        expected: 'rank 2 or more',
        received: shape,
      },
    );
  }
  const rank = shape.length;
  checkInteger(what, 'dim', options.dim, -rank, rank - 1);
  const axis = (options.dim + rank) % rank;
  const mask = maskOf(what, weight, 'values');
  const norms = channelNorms(applyMask(weight.values, mask), shape, axis, options.order);
  const counts = channelNorms(Float32Array.from(mask), shape, axis, 1);
  const live = Uint8Array.from(counts, (count) => (count > 0 ? 1 : 0));
  const left = countOnes(live);
  const kept = keepHighest('norms', norms, left - toPrune(what, amount, left), live);
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  return mask.map((bit, i) => bit & kept[Math.trunc(i / inner) % shape[axis]!]!);
}
