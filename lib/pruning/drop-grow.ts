import { checkArray, checkFloat32Array, checkFraction, checkInteger } from '../native/check.ts';
import { applyMask } from '../sparse/masks.ts';
import type { Mask } from '../sparse/structure.ts';
import { countOnes } from '../sparse/structured-mask.ts';
import { magnitude } from './criteria/magnitude.ts';
import { keepHighest } from './rank-units.ts';

/** When connections are exchanged, in training steps. */
export interface DropWindow {
  /** Fraction dropped at the first update; default 0.3. */ initial?: number;
  /** First step with an update; default 0. */ beginStep?: number;
  /** Step from which on nothing is dropped. */ endStep: number;
}

/**
 * Fraction of a layer's connections that an update drops: initial/2 · (1 + cos(π·t/T)), T = endStep - beginStep, and 0 from
 * step T on. As in the authors' code, t counts from step 0 wherever the window begins.
 *
 * @see Evci et al. 2020, "Rigging the Lottery", arXiv:1911.11134, section 3; google-research/rigl
 */
export function cosineDropFraction(step: number, window: DropWindow): number {
  const what = 'cosineDropFraction';
  const initial = checkFraction(what, 'initial', window.initial ?? 0.3);
  const begin = checkInteger(what, 'beginStep', window.beginStep ?? 0, 0);
  const end = checkInteger(what, 'endStep', window.endStep, begin + 1);
  const length = end - begin;
  return (initial / 2) * (1 + Math.cos((Math.PI * Math.min(step, length)) / length));
}

/** One layer before an exchange of connections. All arrays have the same length. */
export interface Connections {
  /** Name of the weight, in errors. */ key: string;
  /** Current values; pruned ones may have any. */ weights: Float32Array;
  /** 1 = connected. */ mask: Mask;
  /** What ranks new connections, by magnitude: the dense gradient (RigL) or random numbers (SET). */ growth: Float32Array;
}

/** The exchange of one layer; the mask keeps as many as before. */
export interface Exchange {
  /** Connections dropped, and grown again. */ dropped: number;
  /** As many ones as before. */ mask: Mask;
  /** 1 where a connection is new: neither kept nor dropped and grown back at once. */ newlyGrown: Mask;
  /** Kept connections keep their weights; new and dropped ones are 0. One that grows back at once keeps its weight. */
  weights: Float32Array;
}

/**
 * One update of RigL or SET in one layer: drops trunc(fraction · kept) connections of the smallest |w|, then grows as many
 * where the growth score is greatest among all that were not kept, the dropped ones included.
 *
 * @param fraction - of the connections to drop, in [0, 1]
 * @throws {@link SparseError} `ERR_SPARSE_NAN` naming the weight, `ERR_SPARSE_SHAPE`, `ERR_SPARSE_OPTION`
 * @see Mocanu et al. 2018 (SET), arXiv:1707.04780; Evci et al. 2020 (RigL), arXiv:1911.11134
 */
export function dropAndGrow({ key, weights, mask, growth }: Connections, fraction: number): Exchange {
  const what = 'dropAndGrow';
  checkFraction(what, 'fraction', fraction);
  checkFloat32Array(what, key, weights);
  checkArray(what, `mask of ${key}`, 'Uint8Array', mask, weights.length);
  checkFloat32Array(what, `growth of ${key}`, growth, weights.length);
  const before = countOnes(mask);
  const dropped = Math.trunc(fraction * before);
  const kept = keepHighest(key, magnitude({ values: weights }), before - dropped, mask);
  const open = kept.map((bit) => 1 - bit);
  const grown = keepHighest(`growth of ${key}`, magnitude({ values: growth }), dropped, open);
  const after = kept.map((bit, i) => bit | grown[i]!);
  const newlyGrown = grown.map((bit, i) => bit & (1 - mask[i]!));
  const held = after.map((bit, i) => bit & mask[i]!);
  return { dropped, mask: after, newlyGrown, weights: applyMask(weights, held) };
}

/**
 * An optimizer's slot after an exchange: 0 at new connections, as before elsewhere.
 *
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`
 */
export function resetGrown(slot: Float32Array, newlyGrown: Mask): Float32Array {
  checkFloat32Array('resetGrown', 'slot', slot);
  checkArray('resetGrown', 'newlyGrown', 'Uint8Array', newlyGrown, slot.length);
  return slot.map((value, i) => (newlyGrown[i] === 1 ? 0 : value));
}
