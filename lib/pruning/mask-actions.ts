import { checkArray, checkChoice, checkFloat32Array } from '../native/check.ts';
import { applyMask } from '../sparse/masks.ts';
import type { Mask } from '../sparse/structure.ts';
import { rescaleMultiplier, standardDeviation } from './signed-constant.ts';

/** One weight: before training, after it, and its mask. All three have the same length. */
export interface MaskedWeight {
  /** Values before training. */ initial: Float32Array;
  /** Values after it. */ final: Float32Array;
  /** 1 = kept. */ mask: Mask;
}

/** What pruned weights are frozen at; see {@link mask0Values}. */
export type Mask0Action =
  | 'zero'
  | 'freeze_init'
  | 'freeze_init_zero_mask'
  | 'freeze_init_zero_all'
  | 'freeze_init_zero_reshuffle'
  | 'freeze_init_zero_rev';

/** Every {@link Mask0Action}. */
export const mask0Actions = [
  'zero',
  'freeze_init',
  'freeze_init_zero_mask',
  'freeze_init_zero_all',
  'freeze_init_zero_reshuffle',
  'freeze_init_zero_rev',
] as const satisfies readonly Mask0Action[];

/** What surviving weights start from again; see {@link mask1Values}. */
export type Mask1Action = 'rewind' | 'random_reinit' | 'random_reshuffle' | 'constant';

const mask1Actions = [
  'rewind',
  'random_reinit',
  'random_reshuffle',
  'constant',
] as const satisfies readonly Mask1Action[];

/** Options of {@link mask1Values}. */
export interface Mask1Options {
  /**
   * `same`: every position keeps the sign of its initial value; `random`: gets a random one; `none` (default): whatever
   * sign the values bring. `constant` brings the initial ones.
   */
  sign?: 'none' | 'same' | 'random';
  /** Multiplies by entries / kept; default false. */
  rescale?: boolean;
}

function check(what: string, { initial, final, mask }: MaskedWeight): void {
  checkFloat32Array(what, 'initial', initial);
  checkFloat32Array(what, 'final', final, initial.length);
  checkArray(what, 'mask', 'Uint8Array', mask, initial.length);
}

/** Shuffles the values at these positions among themselves (Fisher and Yates). */
function shuffleAt(values: Float32Array, positions: readonly number[], random: () => number): void {
  for (let i = positions.length - 1; i > 0; i--) {
    const [a, b] = [positions[i]!, positions[Math.floor(random() * (i + 1))]!];
    [values[a], values[b]] = [values[b]!, values[a]!];
  }
}

const positionsWhere = (length: number, holds: (i: number) => boolean) =>
  Array.from({ length }, (_, i) => i).filter(holds);

/**
 * The weight with its pruned entries frozen, survivors at their initial values w_i.
 *
 * - `zero` (the default of the paper): pruned entries are 0.
 * - `freeze_init`: they stay at w_i.
 * - `freeze_init_zero_mask`: 0 where training moved the entry towards zero (|w_i| > |w_f|), else w_i.
 * - `freeze_init_zero_all`: the same also for the start of survivors.
 * - `freeze_init_zero_reshuffle`: as many zeros as `freeze_init_zero_mask`, at random pruned entries.
 * - `freeze_init_zero_rev`: the reverse rule, 0 where the entry moved away from zero (|w_i| <= |w_f|).
 *
 * @param random - numbers in [0, 1), for `freeze_init_zero_reshuffle`
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_SHAPE`
 * @see Zhou et al. 2019, "Deconstructing Lottery Tickets", arXiv:1905.01067, section 4
 */
export function mask0Values(
  action: Mask0Action,
  weight: MaskedWeight,
  random: () => number = Math.random,
): Float32Array {
  const what = 'mask0Values';
  checkChoice(what, 'action', action, mask0Actions);
  check(what, weight);
  const { initial, final, mask } = weight;
  const shrank = (i: number) => Math.abs(initial[i]!) > Math.abs(final[i]!);
  const zeroedWhere = (holds: (i: number) => boolean) => initial.map((w, i) => (holds(i) ? 0 : w));
  switch (action) {
    case 'zero':
      return applyMask(initial, mask);
    case 'freeze_init':
      return initial.slice();
    case 'freeze_init_zero_mask':
      return zeroedWhere((i) => mask[i] === 0 && shrank(i));
    case 'freeze_init_zero_all':
      return zeroedWhere(shrank);
    case 'freeze_init_zero_rev':
      return zeroedWhere((i) => mask[i] === 0 && !shrank(i));
    case 'freeze_init_zero_reshuffle': {
      const pruned = positionsWhere(mask.length, (i) => mask[i] === 0);
      const zeroed = new Float32Array(mask.length);
      for (const i of pruned) zeroed[i] = shrank(i) ? 1 : 0;
      shuffleAt(zeroed, pruned, random);
      return zeroedWhere((i) => zeroed[i] === 1);
    }
  }
}

/**
 * What survivors start from, pruned entries being 0: `rewind` their initial values w_i; `random_reinit` the initial values
 * of the weight shuffled over all positions; `random_reshuffle` shuffled over the surviving positions only; `constant`
 * the deviation of w_i over the whole weight with the initial sign.
 *
 * @param random - numbers in [0, 1), for shuffles and random signs
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` (also for rescaling a mask that keeps nothing), `ERR_SPARSE_SHAPE`
 * @see Zhou et al. 2019, "Deconstructing Lottery Tickets", arXiv:1905.01067, section 3
 */
export function mask1Values(
  action: Mask1Action,
  weight: MaskedWeight,
  options: Mask1Options = {},
  random: () => number = Math.random,
): Float32Array {
  const what = 'mask1Values';
  checkChoice(what, 'action', action, mask1Actions);
  const sign = checkChoice(what, 'sign', options.sign ?? 'none', ['none', 'same', 'random']);
  check(what, weight);
  const { initial, mask } = weight;
  const values = initial.slice();
  const all = action === 'random_reinit';
  if (all || action === 'random_reshuffle') {
    shuffleAt(
      values,
      positionsWhere(mask.length, (i) => all || mask[i] === 1),
      random,
    );
  } else if (action === 'constant') {
    const std = standardDeviation(initial);
    for (let i = 0; i < values.length; i++) values[i] = Math.sign(initial[i]!) * std;
  }
  if (sign === 'same')
    for (let i = 0; i < values.length; i++) values[i] = Math.sign(initial[i]!) * Math.abs(values[i]!);
  if (sign === 'random') {
    for (let i = 0; i < values.length; i++) values[i] = (random() < 0.5 ? -1 : 1) * Math.abs(values[i]!);
  }
  if (options.rescale === true) {
    const multiplier = rescaleMultiplier(mask);
    for (let i = 0; i < values.length; i++) values[i]! *= multiplier;
  }
  return applyMask(values, mask, { out: values });
}
