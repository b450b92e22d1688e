import { SparseError } from '../errors.ts';
import type { Compat, Structure } from '../sparse/structure.ts';
import type { WeightCriterion } from './criterion.ts';
import type { Distribution } from './distributions.ts';
import { fixedMasks } from './fixed-masks.ts';
import { reviveSchedule } from './revive-schedule.ts';
import type { PruningSchedule } from './schedules.ts';
import type { Scope } from './select-masks.ts';

/** Movement pruning with its defaults. */
export interface MovementRule {
  type: 'movement';
  /** What stays: a number of weights, scores over the threshold, or those whose sigmoid is over it. */
  form: 'top-k' | 'threshold' | 'sigmoid';
  /** At the end of the schedule; of the last two forms. */ threshold: number;
  /** Rate of the scores' own optimizer. */ scoreLearningRate: number;
  /** The scores' own optimizer. */ scoreOptimizer: 'adam' | 'sgd';
  /** Weight of the penalty at the end of the schedule; of the last two forms. */ lambda: number;
}

/** Exchange of connections during training. */
export interface DynamicRule {
  method: 'set' | 'rigl';
  /** Steps between updates. */ updateEvery: number;
  /** No update at this step or later. */ stopAtStep: number;
  /** Fraction of the connections that the first update drops. */ dropFraction: number;
}

/** How the weights of one wrapped layer are pruned. */
export interface PruningRule {
  /** How sparse, and when masks are recomputed. */ schedule: PruningSchedule;
  /** Pattern of the masks. */ structure: Structure;
  /** Whose counts and ties; 'tfmot' also leaves gradients and slots alone. */ compat: Compat;
  /** Prune the biases too. */ biases: boolean;
  /** What ranks the weights. */ criterion: WeightCriterion | MovementRule;
  /** One ranking per weight or over all. */ scope: Scope;
  /** How the sparsity is shared. */ distribution: Distribution;
  /** Fewest parts that a weight keeps in a global ranking. */ minKept: number;
  /** Of random criteria. */ seed: number;
  /** Masks that exchange connections instead of following a schedule. */ dynamic?: DynamicRule;
  /** Names inside the layer of the weights that are masked; absent: what the registry says. */
  weights?: readonly string[];
}

/** A rule by a schedule, unstructured and by magnitude, layer by layer. */
export function plainRule(schedule: PruningSchedule): PruningRule {
  return {
    schedule,
    structure: { type: 'unstructured' },
    compat: 'exact',
    biases: false,
    criterion: 'magnitude',
    scope: 'layer',
    distribution: 'uniform',
    minKept: 1,
    seed: 0,
  };
}

/** The rule of a layer whose masks never change. */
export function fixedRule(weights: readonly string[]): PruningRule {
  return { ...plainRule(fixedMasks()), weights };
}

/** The movement rule, where scores are learned. */
export function movementOf({ criterion }: PruningRule): MovementRule | undefined {
  return typeof criterion === 'object' ? criterion : undefined;
}

/** Whether each wrapper can update its masks without knowing the others. */
export function isLocal({ scope, distribution }: PruningRule): boolean {
  return scope === 'layer' && distribution !== 'er' && distribution !== 'erk';
}

/** What a file says of a function: it cannot be written. */
const ownFunction = { own: true };

/** A rule as one string, to be read by {@link ruleFromText}; JSON has neither functions nor infinity. */
export function ruleAsText({ schedule, ...rest }: PruningRule): string {
  return JSON.stringify({ ...rest, schedule: schedule.getConfig() }, (_key, value) => {
    if (typeof value === 'function') return ownFunction;
    return value === Number.POSITIVE_INFINITY ? 'Infinity' : value;
  });
}

/** @throws {@link SparseError} `ERR_SPARSE_OPTION` for a schedule, a criterion or a distribution of the user's own */
export function ruleFromText(text: string): PruningRule {
  const { schedule, ...rest } = JSON.parse(text, (key, value) =>
    key === 'order' && value === 'Infinity' ? Number.POSITIVE_INFINITY : value,
  );
  for (const what of ['criterion', 'distribution'] as const) {
    if (rest[what]?.own !== true) continue;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `prune: the ${what} of a saved model is a function of your own, which is not saved. Strip the model before ` +
        'saving it, or keep its training by saveTrainingState.',
      { tensor: what, expected: 'a name', received: 'a function' },
    );
  }
  return { ...rest, schedule: reviveSchedule(schedule) };
}
