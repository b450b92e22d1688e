import { native } from '../native/load.ts';
import { type Cut, cutOf } from './cut.ts';
import { namingNan, refuseNan } from './refuse-nan.ts';
import type { Compat, Mask } from './structure.ts';

/** A mask, and what it was cut at. */
export interface MaskResult {
  mask: Mask;
  /**
   * The score at the cut: the lowest one kept under `exact`, `tfmot` and `torch`, the highest one pruned under `openlth`
   * and `synflow`. For blocks, inputs and outputs it is a score of those. Infinity when the count keeps none, -Infinity
   * when Synaptic-Flow's leaves all; undefined for N:M and balanced, which have one cut per group.
   */
  threshold: number | undefined;
  /** Ones in the mask. */
  kept: number;
}

/** What is ranked, and how it is called in errors. */
export interface Ranked {
  what: string;
  name: string;
  values: Float32Array;
  /** By absolute value. */
  magnitude: boolean;
  /** Default 1. */
  threads?: number;
}

/** Those of `values` that a cut keeps, into `mask`: as many bytes as values, whatever stands there. */
export function cutMask(
  { what, name, values, magnitude, threads = 1 }: Ranked,
  cut: Cut,
  mask: Mask,
): MaskResult & { threshold: number } {
  if (cut.keep === 'from') {
    const { rank, ties } = cut;
    const run = () => native().rankMask(values, rank, ties, magnitude, mask, threads);
    return { mask, ...namingNan(what, name, values, run) };
  }
  refuseNan(what, name, values);
  if (cut.keep === 'none') return { mask: mask.fill(0), threshold: Number.POSITIVE_INFINITY, kept: 0 };
  return { mask: mask.fill(1), threshold: Number.NEGATIVE_INFINITY, kept: mask.length };
}

/** One ranking over all of `values`, into `mask`. */
export function flatMask(
  ranked: Ranked,
  sparsity: number,
  compat: Compat,
  mask: Mask = new Uint8Array(ranked.values.length),
): MaskResult & { threshold: number } {
  return cutMask(ranked, cutOf(compat, ranked.values.length, sparsity), mask);
}
