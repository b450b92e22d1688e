import { type Cut, cutOf, keepExactly, tfmotCount } from '../sparse/cut.ts';
import { cutMask } from '../sparse/flat-mask.ts';
import { roundHalfEven } from '../sparse/round.ts';
import type { Compat, Mask } from '../sparse/structure.ts';
import { countOnes } from '../sparse/structured-mask.ts';

/** One weight, cut into the parts that are ranked: its entries, blocks, inputs or outputs. */
export interface RankedWeight {
  /** Name in errors. */ readonly key: string;
  /** One per part; higher is kept. */ readonly scores: Float32Array;
  /** 1 = may be kept, 0 = was pruned before; default: all may be kept. */ readonly live?: Mask | undefined;
}

const liveCount = ({ live, scores }: RankedWeight) => (live ? countOnes(live) : scores.length);

/** One ranking over the living parts of all weights, cut once. Bits per part, in the order of the weights. */
function rankTogether(weights: readonly RankedWeight[], cut: Cut): Mask[] {
  const bits = weights.map(({ scores }) => new Uint8Array(scores.length));
  const [first] = weights;
  if (first && weights.length === 1 && !first.live) {
    cutMask({ what: 'pruning', name: first.key, values: first.scores, magnitude: false }, cut, bits[0]!);
    return bits;
  }
  const values = new Float32Array(weights.reduce((total, weight) => total + liveCount(weight), 0));
  let at = 0;
  for (const { scores, live } of weights) {
    if (!live) {
      values.set(scores, at);
      at += scores.length;
      continue;
    }
    for (let i = 0; i < scores.length; i++) if (live[i] === 1) values[at++] = scores[i]!;
  }
  const name = weights.map(({ key }) => key).join(', ');
  const mask = new Uint8Array(values.length);
  if (values.length > 0) cutMask({ what: 'pruning', name, values, magnitude: false }, cut, mask);
  at = 0;
  weights.forEach(({ scores, live }, w) => {
    const own = bits[w]!;
    if (!live) {
      own.set(mask.subarray(at, at + scores.length));
      at += scores.length;
      return;
    }
    for (let i = 0; i < scores.length; i++) if (live[i] === 1) own[i] = mask[at++]!;
  });
  return bits;
}

/**
 * Keeps the `count` highest scores of those that live, the lower index on a tie.
 *
 * @param live - 1 = may be kept; default: all may be
 * @throws {@link SparseError} `ERR_SPARSE_NAN` with the name that `key` gives
 */
export function keepHighest(key: string, scores: Float32Array, count: number, live?: Mask): Mask {
  const weight = { key, scores, live };
  return rankTogether([weight], keepExactly(liveCount(weight), count))[0]!;
}

/** Keeps exactly `kept` parts of all weights, but of each weight at least `floor` (or all that live, if those are fewer). */
function keepWithFloors(weights: readonly RankedWeight[], kept: number, floor: number): Mask[] {
  const held = new Map<RankedWeight, Mask>();
  const floorOf = (weight: RankedWeight) => Math.min(floor, liveCount(weight));
  for (let left = kept; ; ) {
    const free = weights.filter((weight) => !held.has(weight));
    const living = free.reduce((total, weight) => total + liveCount(weight), 0);
    const bits = rankTogether(free, keepExactly(living, Math.min(left, living)));
    const short = free.filter((weight, i) => countOnes(bits[i]!) < floorOf(weight));
    if (short.length === 0) {
      const found = new Map(free.map((weight, i) => [weight, bits[i]!]));
      return weights.map((weight) => held.get(weight) ?? found.get(weight)!);
    }
    for (const weight of short) {
      held.set(weight, rankTogether([weight], keepExactly(liveCount(weight), floorOf(weight)))[0]!);
      left = Math.max(0, left - floorOf(weight));
    }
  }
}

/**
 * Keeps the highest of the living parts of all weights together.
 *
 * `exact` keeps roundHalfEven(N·(1 − sparsity)) of the N parts, dead ones counted in N, and at least `floor` of each
 * weight unless sparsity is 1: where a weight needs its floor, the others make room; only when the floors alone are more
 * than the count does the sum exceed it. `tfmot` counts N too. `torch` and `openlth` take the sparsity of what lives, and
 * Synaptic-Flow's ranks dead parts as well (at score 0). These four know no floor.
 *
 * @returns bits per part, in the order of the weights; dead parts are 0
 */
export function rankUnits(
  weights: readonly RankedWeight[],
  sparsity: number,
  compat: Compat,
  floor: number,
): Mask[] {
  const all = weights.reduce((total, { scores }) => total + scores.length, 0);
  const living = weights.reduce((total, weight) => total + liveCount(weight), 0);
  switch (compat) {
    case 'exact':
      if (sparsity === 1) return rankTogether(weights, { keep: 'none' });
      return keepWithFloors(weights, roundHalfEven(all * (1 - sparsity)), floor);
    case 'tfmot': {
      if (living === 0) return rankTogether(weights, { keep: 'none' });
      const kept = Math.min(living, tfmotCount(all, sparsity));
      return rankTogether(weights, { keep: 'from', rank: living - kept + 1, ties: 'keep' });
    }
    case 'synflow': {
      const withDead = weights.map(({ key, scores, live }) => ({
        key,
        scores: live ? scores.map((score, i) => (live[i] === 1 ? score : 0)) : scores,
      }));
      const bits = rankTogether(withDead, cutOf(compat, all, sparsity));
      return bits.map((own, w) => {
        const { live } = weights[w]!;
        return live ? own.map((bit, i) => bit & live[i]!) : own;
      });
    }
    default:
      return rankTogether(weights, cutOf(compat, living, sparsity));
  }
}
