import { SparseError, shown } from '../errors.ts';
import { checkChoice, checkInteger, checkOptions } from '../native/check.ts';
import { checkStructure } from '../sparse/check-structure.ts';
import { type Compat, compats, type Structure } from '../sparse/structure.ts';
import { weightCriteria } from './criteria/index.ts';
import type { TrainedCriterion, WeightCriterion } from './criterion.ts';
import { type Distribution, distributions } from './distributions.ts';
import type { Policy } from './policy.ts';
import type { MovementRule, PruningRule } from './pruning-rule.ts';
import { finalSparsityOf } from './schedule-progress.ts';
import type { PruningSchedule } from './schedules.ts';
import type { Scope } from './select-masks.ts';

/** How a model is pruned while it trains. */
export interface PruneConfig {
  /** How sparse, and when masks are recomputed. */
  schedule: PruningSchedule;
  /** What ranks the weights; default 'magnitude'. */
  criterion?: WeightCriterion | TrainedCriterion;
  /** Pattern of the masks; default unstructured. Biases have none, but go with the outputs of structure `output`. */
  structure?: Structure;
  /** One ranking for each weight or one over all; default 'layer'. */
  scope?: Scope;
  /** With scope 'layer': how the sparsity is shared; default 'uniform'. Targets of a table or function are reached when the schedule reaches its end. */
  distribution?: Distribution;
  /** Which layers; default: every layer whose class is known. */
  policy?: Policy;
  /** Prune the biases of the pruned layers too; default false. */
  biases?: boolean;
  /** Whose counts and ties; default 'exact'. 'tfmot' also trains as TFMOT does and shares the layers of the given model. */
  compat?: Compat;
  /** Fewest weights (blocks, inputs, outputs) that a layer keeps in a global ranking; default 1, 0 lets one be emptied. */
  minKept?: number;
  /** Of random criteria; default 0. */
  seed?: number;
}

const what = 'prune';

const keys = [
  'schedule',
  'criterion',
  'structure',
  'scope',
  'distribution',
  'policy',
  'biases',
  'compat',
  'minKept',
  'seed',
] as const satisfies readonly (keyof PruneConfig)[];

function refuse(tensor: string, problem: string, expected: string, received: unknown): never {
  throw new SparseError('ERR_SPARSE_OPTION', `${what}: ${tensor} ${problem}, expected ${expected}.`, {
    tensor,
    expected,
    received,
  });
}

/**
 * Refuses what is not a schedule.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ARGUMENT`
 */
export function checkIsSchedule(caller: string, name: string, schedule: unknown): PruningSchedule {
  const given = schedule as Partial<PruningSchedule> | undefined;
  if (typeof given?.at === 'function' && typeof given.getConfig === 'function')
    return given as PruningSchedule;
  throw new SparseError(
    'ERR_SPARSE_ARGUMENT',
    `${caller}: ${name} is ${shown(schedule)}, expected a schedule with at() and getConfig(). Take ` +
      'constantSparsity(...) or polynomialDecay(...).',
    { tensor: name, expected: 'PruningSchedule', received: schedule },
  );
}

/** Refuses options that have another type than they should. */
export function checkTypes(caller: string, config: object, types: Readonly<Record<string, string>>): void {
  for (const [name, type] of Object.entries(types)) {
    const value = (config as Record<string, unknown>)[name];
    if (value === undefined || typeof value === type) continue;
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${caller}: ${name}: expected a ${type}, received ${typeof value}.`,
      { tensor: name, expected: type, received: typeof value },
    );
  }
}

function readNumber(
  name: string,
  value: unknown,
  fallback: number,
  above: number,
  below = Number.POSITIVE_INFINITY,
): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= above && value < below) return value;
  const range =
    below === Number.POSITIVE_INFINITY
      ? `a finite number of at least ${above}`
      : `a number in [${above}, ${below})`;
  return refuse(`criterion.${name}`, `is ${shown(value)}`, range, value);
}

function readMovement(criterion: TrainedCriterion): MovementRule {
  const given: Partial<Exclude<TrainedCriterion, string>> = typeof criterion === 'string' ? {} : criterion;
  checkOptions(`${what}: criterion "movement"`, given, [
    'type',
    'soft',
    'threshold',
    'scoreLearningRate',
    'scoreOptimizer',
    'lambda',
  ]);
  const { soft = false, threshold, lambda } = given;
  if (typeof soft !== 'boolean') refuse('criterion.soft', `is ${shown(soft)}`, 'true or false', soft);
  const form = soft ? 'sigmoid' : threshold === undefined ? 'top-k' : 'threshold';
  if (form === 'top-k' && lambda !== undefined)
    refuse(
      'criterion.lambda',
      'draws scores below a threshold, and there is none',
      'soft: true or a threshold',
      lambda,
    );
  if (form === 'threshold' && !Number.isFinite(threshold))
    refuse('criterion.threshold', `is ${shown(threshold)}`, 'a finite number', threshold);
  return {
    type: 'movement',
    form,
    threshold: form === 'threshold' ? threshold! : readNumber('threshold', threshold, 0.5, 0, 1),
    scoreLearningRate: readNumber('scoreLearningRate', given.scoreLearningRate, 0.01, 0),
    scoreOptimizer: checkChoice(what, 'criterion.scoreOptimizer', given.scoreOptimizer ?? 'adam', [
      'adam',
      'sgd',
    ]),
    lambda: readNumber('lambda', lambda, 0, 0),
  };
}

function readCriterion(criterion: PruneConfig['criterion']): PruningRule['criterion'] {
  if (criterion === undefined) return 'magnitude';
  if (typeof criterion === 'function') return criterion;
  if (criterion === 'movement' || (criterion as { type?: unknown } | null)?.type === 'movement')
    return readMovement(criterion as TrainedCriterion);
  const names = Object.keys(weightCriteria) as (keyof typeof weightCriteria)[];
  if (names.includes(criterion as never)) return criterion as WeightCriterion;
  const expected = `one of ${['movement', ...names].join(', ')} or a function`;
  return refuse(
    'criterion',
    `is ${shown(criterion)}`,
    `${expected} (what needs data is for pruneOnce)`,
    criterion,
  );
}

function readDistribution(distribution: Distribution, schedule: PruningSchedule): Distribution {
  if (typeof distribution === 'string') {
    return checkChoice(what, 'distribution', distribution, Object.keys(distributions) as 'uniform'[]);
  }
  checkTypes(
    what,
    { distribution },
    { distribution: typeof distribution === 'function' ? 'function' : 'object' },
  );
  if (distribution === null || Array.isArray(distribution))
    refuse('distribution', `is ${shown(distribution)}`, 'a name, a table or a function', distribution);
  if (!((finalSparsityOf(schedule) ?? 0) > 0)) {
    const expected = 'a schedule whose getConfig().config has a finalSparsity or targetSparsity above 0';
    refuse(
      'distribution',
      'names targets, and the schedule does not say where it ends',
      expected,
      schedule.getConfig(),
    );
  }
  return distribution;
}

/** What TFMOT cannot do is refused with its compat, rather than done in a way of our own. */
function checkTfmot(rule: PruningRule): void {
  const asked: [string, unknown, unknown][] = [
    ['criterion', rule.criterion, 'magnitude'],
    ['scope', rule.scope, 'layer'],
    ['distribution', rule.distribution, 'uniform'],
  ];
  for (const [name, value, only] of asked) {
    if (value === only) continue;
    refuse(
      name,
      `is ${shown(typeof value === 'function' ? 'a function' : value)}, which TFMOT has not`,
      `"${only}" with compat "tfmot"`,
      value,
    );
  }
}

/** Rules that know some structures only. */
const structures: Partial<Record<Compat, readonly Structure['type'][]>> = {
  tfmot: ['unstructured', 'block', 'nm'],
  torch: ['unstructured', 'input', 'output'],
  openlth: ['unstructured'],
  synflow: ['unstructured'],
};

function checkTogether({ scope, structure, distribution, compat }: PruningRule): void {
  const known = structures[compat];
  if (known && !known.includes(structure.type))
    refuse(
      'structure',
      `is "${structure.type}", for which compat "${compat}" has no rule`,
      known.join(', '),
      structure.type,
    );
  if (scope === 'layer') return;
  if (structure.type === 'nm' || structure.type === 'balanced')
    refuse('scope', `is "global", but "${structure.type}" keeps a number in every group`, '"layer"', scope);
  if (compat !== 'exact' && structure.type !== 'unstructured')
    refuse('scope', `is "global", and compat "${compat}" ranks no "${structure.type}" so`, '"layer"', scope);
  if (distribution !== 'uniform')
    refuse(
      'distribution',
      'is given, but scope "global" shares the sparsity by its ranking',
      'scope "layer"',
      distribution,
    );
}

/**
 * The configuration of `prune` as a rule.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT` naming the option
 */
export function readPruneConfig(config: PruneConfig): { rule: PruningRule; policy: Policy } {
  checkOptions(what, config ?? null, keys);
  const schedule = checkIsSchedule(what, 'schedule', config.schedule);
  checkTypes(what, config, { policy: 'function', biases: 'boolean' });
  const rule: PruningRule = {
    schedule,
    criterion: readCriterion(config.criterion),
    structure: checkStructure(what, config.structure ?? { type: 'unstructured' }),
    scope: checkChoice(what, 'scope', config.scope ?? 'layer', ['layer', 'global']),
    distribution: readDistribution(config.distribution ?? 'uniform', schedule),
    compat: checkChoice(what, 'compat', config.compat ?? 'exact', compats),
    biases: config.biases ?? false,
    minKept: checkInteger(what, 'minKept', config.minKept ?? 1, 0),
    seed: checkInteger(what, 'seed', config.seed ?? 0, 0),
  };
  if (rule.compat === 'tfmot') checkTfmot(rule);
  checkTogether(rule);
  return { rule, policy: config.policy ?? (() => true) };
}
