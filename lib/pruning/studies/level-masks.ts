import { scoreWeight } from '../criteria/index.ts';
import { distribute } from '../distributions.ts';
import { type LiveWeight, liveWeights } from '../live-weights.ts';
import { selectMasks } from '../select-masks.ts';
import type { WeightValues } from './model-weights.ts';
import type { Masks, OpenTraining } from './open-training.ts';
import type { PruningOptions } from './pruning-options.ts';

/** Fraction of zeros after a level, so that each level prunes the same fraction of what is left: (1 − s)^(level/rounds). */
export function levelSparsity(sparsity: number, level: number, rounds: number): number {
  return level === rounds ? sparsity : 1 - (1 - sparsity) ** (level / rounds);
}

/** What a level is chosen by. */
export interface LevelChoice {
  /** Weights after the training. */ trained: WeightValues;
  /** Weights before it, for criteria of Zhou. */ initial: WeightValues;
  /** Of the level before. */ previous?: Masks | undefined;
  /** From 1. */ level: number;
}

/** The prunable weights that a study's pruning is about. */
export function chosenWeights(open: OpenTraining, { policy }: Pick<PruningOptions, 'policy'>): LiveWeight[] {
  return liveWeights(open.run.name, open.options.model, { policy });
}

/**
 * Masks of one level, nested in those of the level before.
 *
 * @throws {@link SparseError} what `selectMasks` and the criterion throw
 */
export function levelMasks(open: OpenTraining, pruning: PruningOptions, choice: LevelChoice): Masks {
  const { rounds = 1, criterion = 'magnitude', distribution = 'uniform', structure, scope, compat } = pruning;
  const { trained, initial, previous, level } = choice;
  const weights = chosenWeights(open, pruning);
  const scored = weights.map(({ key, layer, name, shape }) => {
    const view = { layer: layer.name, name, shape, values: trained.get(key)!, initial: initial.get(key)! };
    const scores = scoreWeight(criterion, view, open.run.seedOf('criterion', level));
    return { key, shape, scores, previous: previous?.get(key) };
  });
  // These two take a sparsity as a fraction of what is left.
  const ofRemaining = compat === 'torch' || compat === 'openlth';
  const at = (final: number) =>
    ofRemaining ? levelSparsity(final, 1, rounds) : levelSparsity(final, level, rounds);
  if (scope === 'global' || distribution === 'uniform') {
    return selectMasks(scored, { sparsity: at(pruning.sparsity), structure, scope, compat, distribution });
  }
  const targets = Object.entries(distribute(scored, pruning.sparsity, distribution));
  return selectMasks(scored, {
    sparsity: at(pruning.sparsity),
    distribution: Object.fromEntries(targets.map(([key, final]) => [key, at(final)])),
    ...{ structure, scope, compat },
  });
}

/** Zeros of one masked weight. */
export interface MaskedCount {
  /** Entries that its mask prunes. */ zeros: number;
  /** Entries in all. */ size: number;
}

/** Zeros of the masks, weight by weight, and the fraction of zeros in all of them. */
export function countMasks(masks: Masks): { sparsity: number; weights: Record<string, MaskedCount> } {
  const weights: Record<string, MaskedCount> = {};
  let [zeros, size] = [0, 0];
  for (const [key, mask] of masks) {
    const own = { zeros: mask.reduce((sum, keep) => sum + Number(keep === 0), 0), size: mask.length };
    weights[key] = own;
    zeros += own.zeros;
    size += own.size;
  }
  return { sparsity: size === 0 ? 0 : zeros / size, weights };
}
