import type { Compat, Structure } from '../../sparse/structure.ts';
import type { WeightCriterion } from '../criterion.ts';
import type { Distribution } from '../distributions.ts';
import { checkFraction, checkInteger } from '../options.ts';
import type { Policy } from '../policy.ts';
import type { Scope } from '../select-masks.ts';
import { checkTraining, type TrainingOptions } from './training-options.ts';

/** How a study prunes trained weights. */
export interface PruningOptions {
  /** Fraction of zeros in the end, in [0, 1). */ sparsity: number;
  /** Rounds of training and pruning; each prunes the same fraction of what is left. Default 1: one-shot. */
  rounds?: number;
  /** Default 'magnitude' of the trained weights. */ criterion?: WeightCriterion;
  /** Default unstructured. */ structure?: Structure;
  /** Rank each weight on its own (default) or all together. */ scope?: Scope;
  /** Of scope 'layer'; default 'uniform'. A table of targets by layer prunes an output layer less, as the paper does. */
  distribution?: Distribution;
  /** Which layers; default all that have a prunable weight. */ policy?: Policy;
  /** Whose counts and ties; default 'exact'. */ compat?: Compat;
}

/** Names of {@link PruningOptions}, for checking keys. */
export const pruningOptionNames = [
  'sparsity',
  'rounds',
  'criterion',
  'structure',
  'scope',
  'distribution',
  'policy',
  'compat',
] as const satisfies readonly (keyof PruningOptions)[];

/**
 * Checks the options of a study that trains and prunes: no unknown key, sparsity and rounds in range.
 *
 * @param ownNames - of the study's own options
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL`
 */
export function checkPruning(
  name: string,
  options: TrainingOptions & PruningOptions,
  ownNames: readonly string[],
): void {
  checkTraining(name, options, [...pruningOptionNames, ...ownNames]);
  const { sparsity, rounds } = options;
  checkFraction(`${name}: sparsity`, sparsity, true);
  if (rounds !== undefined) checkInteger(`${name}: rounds`, rounds, 1);
}

/** {@link PruningOptions} as JSON data, to compare folders by; functions are named only. */
export function pruningIdentity(options: Partial<PruningOptions>): Record<string, unknown> {
  const { sparsity, rounds, criterion, structure, scope, distribution, policy, compat } = options;
  const plain = (value: unknown) => (typeof value === 'function' ? 'function' : value);
  return {
    ...{ sparsity, rounds, structure, scope, compat },
    ...{ criterion: plain(criterion), distribution: plain(distribution), policy: plain(policy) },
  };
}
