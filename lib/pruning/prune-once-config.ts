import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError, shown } from '../errors.ts';
import { readSignal } from '../native/abort.ts';
import { checkInteger, checkOptions, checkFraction as fraction } from '../native/check.ts';
import { checkStructure } from '../sparse/check-structure.ts';
import { type Compat, compats, type Structure } from '../sparse/structure.ts';
import type { Batches } from './batches.ts';
import { layerwiseCriteria, modelCriteria, modelCriterion } from './criteria/data-criteria.ts';
import { weightCriteria } from './criteria/index.ts';
import type { DataCriterion, WeightCriterion } from './criterion.ts';
import type { Distribution } from './distributions.ts';
import type { LossChoice } from './losses.ts';
import { checkOneOf } from './options.ts';
import type { Policy } from './policy.ts';
import type { Scope } from './select-masks.ts';

/** How the density falls from one iteration to the next: d^(k/n), or 1 - (1 - d)·k/n. */
export type DensitySchedule = 'exponential' | 'linear';

/** What one iteration of `pruneOnce` did. */
export interface PruneOnceProgress {
  /** From 1. */ iteration: number;
  /** How many there are. */ iterations: number;
  /** Fraction of weights that this iteration aims to keep; of targets by layer, the mean over the weights. */
  density: number;
  /** Entries kept, by weight. */ kept: Record<string, number>;
  /** Of `synflow`: the network's sum R, before this iteration's masks. Infinity beyond float64. */ total?: number;
}

/** What `pruneOnce` is asked for. */
export interface PruneOnceConfig {
  /**
   * Fraction of zeros, in [0, 1]; or such targets by name of a layer or `layer/weight`, all other weights staying dense.
   * An N:M structure has its own and needs none.
   */
  sparsity?: number | Readonly<Record<string, number>>;
  /** Default 'magnitude'. */
  criterion?: WeightCriterion | DataCriterion;
  /** Pattern of the masks; default unstructured. Biases are pruned without structure, except that `output` takes the biases of pruned outputs. */
  structure?: Structure;
  /** One ranking per weight or over all; default 'global' for snip, grasp, synflow and taylor, else 'layer'. */
  scope?: Scope;
  /** With scope 'layer': how the sparsity is shared; default 'uniform'. */
  distribution?: Distribution;
  /** Which layers; default all with a prunable weight. */
  policy?: Policy;
  /** Whose count and tie rule; default 'exact'. */
  compat?: Compat;
  /** Batches for the criteria that need data. Given tensors stay the caller's. */
  data?: Batches;
  /** Times that scores are taken and masks made, sparser each time; default 100 for synflow, else 1. */
  iterations?: number;
  /** Default 'exponential'. */
  densitySchedule?: DensitySchedule;
  /** Prune biases of the pruned layers too; default false. */
  biases?: boolean;
  /** Of random criteria; default 0. */
  seed?: number;
  /** Stops between batches, layers and iterations. */
  signal?: AbortSignal;
  /** The model before training, for Zhou's criteria: same layers, other values. */
  initial?: LayersModel;
  /** For snip, grasp, taylor; default: the compiled loss, else categorical cross-entropy where the output is a softmax. */
  loss?: LossChoice;
  /** For grasp: what logits are divided by; default 200 for cross-entropies, else 1. */
  temperature?: number;
  /** For sparsegpt: share of the mean diagonal that is added to the Hessian; default 0.01. */
  damping?: number;
  /** For sparsegpt: columns solved together; default 128. */
  blockSize?: number;
  /** For wanda: its variant, which takes the same share of every output's scores instead of the same number; default false. */
  alphaSearch?: boolean;
  /** Fewest entries (or blocks, inputs, outputs) that a weight keeps in a global ranking; default 1, 0 lets one be emptied. */
  minKept?: number;
  /** Told after every iteration. */
  onProgress?: (progress: PruneOnceProgress) => void;
}

const keys = [
  'sparsity',
  'criterion',
  'structure',
  'scope',
  'distribution',
  'policy',
  'compat',
  'data',
  'iterations',
  'densitySchedule',
  'biases',
  'seed',
  'signal',
  'initial',
  'loss',
  'temperature',
  'damping',
  'blockSize',
  'alphaSearch',
  'minKept',
  'onProgress',
] as const satisfies readonly (keyof PruneOnceConfig)[];

const types = {
  policy: 'function',
  biases: 'boolean',
  alphaSearch: 'boolean',
  onProgress: 'function',
} as const;

function checkSparsity(what: string, sparsity: unknown, structure: Structure): void {
  if (typeof sparsity === 'object' && sparsity !== null) {
    for (const [name, target] of Object.entries(sparsity)) fraction(what, `sparsity of "${name}"`, target);
    return;
  }
  if (sparsity === undefined && structure.type === 'nm') return;
  fraction(what, 'sparsity', sparsity);
}

/**
 * The configuration with its defaults, every option looked at.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`
 */
export function readPruneOnceConfig(what: string, config: PruneOnceConfig) {
  checkOptions(what, config ?? null, keys);
  const criterion = config.criterion ?? 'magnitude';
  if (typeof criterion !== 'function') {
    const names = [
      ...Object.keys(weightCriteria),
      ...Object.keys(modelCriteria),
      ...Object.keys(layerwiseCriteria),
    ];
    checkOneOf(`${what}: criterion`, criterion, names);
  }
  const live = modelCriterion(criterion);
  const structure = checkStructure(what, config.structure ?? { type: 'unstructured' });
  checkSparsity(what, config.sparsity, structure);
  for (const [name, type] of Object.entries(types)) {
    const value = config[name as keyof typeof types];
    if (value === undefined || typeof value === type) continue;
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `${what}: ${name} is a ${typeof value}, expected a ${type}.`,
      { tensor: name, expected: type, received: typeof value },
    );
  }
  const scope = checkOneOf<Scope>(`${what}: scope`, config.scope ?? live?.scope ?? 'layer', [
    'layer',
    'global',
  ]);
  if (typeof config.sparsity === 'object' && (scope === 'global' || config.distribution !== undefined)) {
    const other = scope === 'global' ? 'scope "global"' : 'a distribution';
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: sparsity has targets by layer and ${other} shares one sparsity, expected one of the two.`,
      { tensor: 'sparsity', expected: 'one of the two', received: 'both' },
    );
  }
  if (config.alphaSearch === true && (criterion !== 'wanda' || structure.type === 'nm')) {
    const received = criterion === 'wanda' ? 'structure "nm"' : `criterion ${shown(criterion)}`;
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: alphaSearch is a variant of criterion "wanda" without groups, received ${received}. Leave alphaSearch out.`,
      { tensor: 'alphaSearch', expected: 'criterion "wanda", unstructured', received },
    );
  }
  const { temperature } = config;
  if (temperature !== undefined && !(temperature > 0 && temperature < Number.POSITIVE_INFINITY)) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: temperature is ${temperature}, expected a finite number above 0.`,
      { tensor: 'temperature', expected: 'above 0', received: temperature },
    );
  }
  return {
    ...config,
    sparsity: config.sparsity ?? 0,
    criterion,
    structure,
    scope,
    compat: checkOneOf(`${what}: compat`, config.compat ?? 'exact', compats),
    iterations: checkInteger(what, 'iterations', config.iterations ?? live?.iterations ?? 1, 1),
    densitySchedule: checkOneOf<DensitySchedule>(
      `${what}: densitySchedule`,
      config.densitySchedule ?? 'exponential',
      ['exponential', 'linear'],
    ),
    seed: checkInteger(what, 'seed', config.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
    minKept: checkInteger(what, 'minKept', config.minKept ?? 1, 0),
    signal: readSignal(what, config.signal),
  };
}

/** {@link PruneOnceConfig} with its defaults. */
export type PruneOnceRun = ReturnType<typeof readPruneOnceConfig>;
