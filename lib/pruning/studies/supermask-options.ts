import { SparseError, shown } from '../../errors.ts';
import { type Mask0Action, mask0Actions } from '../mask-actions.ts';
import { checkFraction, checkInteger, checkOneOf } from '../options.ts';
import { type PruningOptions, pruningOptionNames } from './pruning-options.ts';
import { checkTraining, type TrainingOptions } from './training-options.ts';

/** What both kinds of supermask take. */
interface SupermaskBase extends TrainingOptions {
  /** Mask the given weights, or ±std of each weight with their signs; default 'initial'. */
  weights?: 'initial' | 'signedConstant';
  /** Multiply each weight by size / kept; default false. */ rescale?: boolean;
}

/** A mask read off a trained network and laid on the untrained one. */
export interface HeuristicSupermaskOptions
  extends SupermaskBase,
    Pick<PruningOptions, 'criterion' | 'scope' | 'distribution' | 'policy'> {
  /** Read the mask off trained weights. */ method: 'heuristic';
  /** Fractions of zeros to try, each in [0, 1). */ sparsities: readonly number[];
  /** Score weights whose sign training turned as 0, below all others; default false. */ sameSign?: boolean;
  /** What pruned weights are frozen at; default 'zero'. */ pruned?: Mask0Action;
}

/** A mask that is trained while the weights stay. */
export interface LearnedSupermaskOptions extends SupermaskBase, Pick<PruningOptions, 'policy'> {
  /** Train the mask. */ method: 'learned';
  /** Scores at the start; default 0, a chance of one half. */ scoreStart?: number;
  /** Round chances instead of drawing; while training a random half stays soft. Default false. */ roundMask?: boolean;
  /** Factor of signed constants; default 1. */ multiplier?: number;
  /** Masks drawn for every measurement; default 5. */ samples?: number;
}

/** What `supermask` takes. */
export type SupermaskOptions = HeuristicSupermaskOptions | LearnedSupermaskOptions;

const what = 'supermask';

function checkHeuristic(options: HeuristicSupermaskOptions): void {
  const { sparsities, pruned } = options;
  if (!Array.isArray(sparsities) || sparsities.length === 0) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: sparsities is ${shown(sparsities)}, expected a list of fractions, e.g. [0.5, 0.8].`,
      { tensor: 'sparsities', expected: 'a list of fractions', received: sparsities },
    );
  }
  for (const sparsity of sparsities) checkFraction(`${what}: sparsities`, sparsity, true);
  if (pruned !== undefined) checkOneOf(`${what}: pruned`, pruned, mask0Actions);
}

function checkLearned({ scoreStart, multiplier, samples }: LearnedSupermaskOptions): void {
  if (samples !== undefined) checkInteger(`${what}: samples`, samples, 1);
  for (const [name, value] of Object.entries({ scoreStart, multiplier })) {
    if (value === undefined || Number.isFinite(value)) continue;
    throw new SparseError('ERR_SPARSE_OPTION', `${what}: ${name} is ${value}, expected a finite number.`, {
      tensor: name,
      expected: 'a finite number',
      received: value,
    });
  }
}

/** @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL` */
export function checkSupermask(options: SupermaskOptions): void {
  const method = checkOneOf(`${what}: method`, options?.method, ['heuristic', 'learned']);
  const own =
    method === 'heuristic'
      ? [
          'sparsities',
          'sameSign',
          'pruned',
          ...pruningOptionNames.filter(
            (name) => !['sparsity', 'rounds', 'structure', 'compat'].includes(name),
          ),
        ]
      : ['scoreStart', 'roundMask', 'multiplier', 'samples', 'policy'];
  checkTraining(what, options, ['method', 'weights', 'rescale', ...own]);
  if (options.weights !== undefined)
    checkOneOf(`${what}: weights`, options.weights, ['initial', 'signedConstant']);
  if (options.method === 'heuristic') checkHeuristic(options);
  else checkLearned(options);
}
