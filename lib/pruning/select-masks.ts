import { SparseError } from '../errors.ts';
import { checkArray, checkChoice, checkFloat32Array, checkFraction, checkInteger } from '../native/check.ts';
import { native } from '../native/load.ts';
import { checkShape, matrixOf } from '../sparse/check-shape.ts';
import { checkStructure } from '../sparse/check-structure.ts';
import { computeMask } from '../sparse/masks.ts';
import { refuseNan } from '../sparse/refuse-nan.ts';
import { type Compat, compats, type Mask, type Structure } from '../sparse/structure.ts';
import { isRanked, type RankedStructure, unitScores, unitsOf } from '../sparse/units.ts';
import { type Distribution, distribute } from './distributions.ts';
import { type RankedWeight, rankUnits } from './rank-units.ts';

/** Each weight ranked on its own, or all of them in one ranking. */
export type Scope = 'layer' | 'global';

/** A weight that is to be pruned, as its scores. */
export interface ScoredWeight {
  /** `layer/name`, e.g. `dense_1/kernel`. */ readonly key: string;
  /** Lengths of its axes. */ readonly shape: readonly number[];
  /** Row-major, as many as the shape says; higher is kept. */ readonly scores: Float32Array;
  /** Mask so far: what it prunes stays pruned. */ readonly previous?: Mask | undefined;
}

/** How {@link selectMasks} chooses. */
export interface SelectionRule {
  /** Fraction of zeros, in [0, 1]; N:M structures have their own. With a previous mask, compat `torch` and `openlth` take it of what is left. */
  sparsity: number;
  /** Default unstructured. */ structure?: Structure | undefined;
  /** Default 'layer'. */ scope?: Scope | undefined;
  /** How the sparsity is shared among layers, of scope 'layer'; default 'uniform'. */ distribution?:
    | Distribution
    | undefined;
  /** Whose counts and ties; default 'exact'. */ compat?: Compat | undefined;
  /** Parts (weights, blocks, inputs, outputs) that each weight keeps at least, unless sparsity is 1; default 1; 0: it may be emptied. Of compat 'exact' only. */
  minKept?: number | undefined;
}

type Resolved = Required<{ [Key in keyof SelectionRule]: NonNullable<SelectionRule[Key]> }>;

function resolve(rule: SelectionRule): Resolved {
  const what = 'pruning';
  const resolved: Resolved = {
    sparsity: checkFraction(what, 'sparsity', rule.sparsity),
    structure: checkStructure(what, rule.structure ?? { type: 'unstructured' }),
    scope: checkChoice(what, 'scope', rule.scope ?? 'layer', ['layer', 'global']),
    distribution: rule.distribution ?? 'uniform',
    compat: checkChoice(what, 'compat', rule.compat ?? 'exact', compats),
    minKept: checkInteger(what, 'minKept', rule.minKept ?? 1, 0),
  };
  const { structure, scope, compat, distribution } = resolved;
  const refuse = (problem: string, expected: string, received: string): never => {
    throw new SparseError('ERR_SPARSE_OPTION', `${what}: ${problem}`, { expected, received });
  };
  if (scope === 'layer') return resolved;
  if (!isRanked(structure)) {
    const problem = `structure "${structure.type}" keeps a number in every group, so there is nothing to rank globally, expected scope "layer".`;
    refuse(problem, 'scope "layer"', `scope "global" with structure "${structure.type}"`);
  }
  if (compat === 'tfmot') {
    const problem =
      'compat "tfmot" ranks each weight on its own, expected scope "layer". compat "exact" has both.';
    refuse(problem, 'scope "layer"', 'scope "global" with compat "tfmot"');
  }
  if (compat !== 'exact' && structure.type !== 'unstructured') {
    const problem = `compat "${compat}" has no global ranking for the structure "${structure.type}", expected "unstructured". compat "exact" has one.`;
    refuse(problem, 'structure "unstructured"', `structure "${structure.type}"`);
  }
  if (distribution !== 'uniform') {
    const problem =
      'scope "global" shares the sparsity by its ranking, expected no distribution. Take scope "layer" with one.';
    refuse(problem, 'distribution "uniform"', 'another distribution');
  }
  return resolved;
}

function checkWeights(weights: readonly ScoredWeight[], structure: Structure): void {
  const keys = new Set<string>();
  for (const { key, shape, scores, previous } of weights) {
    const size = checkShape(`pruning: ${key}`, shape);
    checkFloat32Array('pruning', key, scores, size);
    if (previous !== undefined) checkArray('pruning', `mask of ${key}`, 'Uint8Array', previous, size);
    refuseNan('pruning', key, scores);
    if (keys.has(key)) {
      throw new SparseError(
        'ERR_SPARSE_MODEL',
        `pruning: two weights are called ${key}, expected names that tell them apart. Rename one of the layers.`,
        { tensor: key, expected: 'unique names', received: key },
      );
    }
    keys.add(key);
    if (structure.type !== 'block') continue;
    const { inputs, outputs } = matrixOf('pruning', 'block', shape);
    if (structure.inputs <= inputs && structure.outputs <= outputs) continue;
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `pruning: a block of [${structure.inputs}, ${structure.outputs}] is larger than ${key}, a matrix of [${inputs}, ` +
        `${outputs}] (inputs, outputs). Take a smaller block or leave the layer out by a policy.`,
      {
        tensor: key,
        expected: `at most [${inputs}, ${outputs}]`,
        received: [structure.inputs, structure.outputs],
      },
    );
  }
}

function matrixShape(structure: Structure, shape: readonly number[], size: number) {
  return structure.type === 'unstructured'
    ? { inputs: 1, outputs: size }
    : matrixOf('pruning', structure.type, shape);
}

/** Scores with `fill` where the mask so far prunes. */
function unprunedScores({ scores, previous }: ScoredWeight, fill: number): Float32Array {
  return previous ? scores.map((score, i) => (previous[i] === 0 ? fill : score)) : scores;
}

/** A weight's parts; a part whose entries are all pruned is dead. */
function partsOf(weight: ScoredWeight, structure: RankedStructure): RankedWeight {
  const { key, shape, previous } = weight;
  if (structure.type === 'unstructured') {
    return { key, scores: weight.scores, live: previous?.map((bit) => (bit === 0 ? 0 : 1)) };
  }
  const { inputs, outputs } = matrixShape(structure, shape, weight.scores.length);
  if (weight.scores.length === 0) return { key, scores: weight.scores };
  const scores = unitScores(unprunedScores(weight, 0), structure, inputs, outputs);
  if (!previous) return { key, scores };
  const { block } = unitsOf(structure, inputs, outputs);
  const bits = Float32Array.from(previous, (bit) => (bit === 0 ? 0 : 1));
  const highest = native().blockNorms(bits, inputs, outputs, ...block, ...block, 'max', 1);
  return { key, scores, live: Uint8Array.from(highest) };
}

/** The mask of a weight whose parts have these bits. */
function expand(weight: ScoredWeight, structure: RankedStructure, bits: Mask): Mask {
  const { shape, scores, previous } = weight;
  if (structure.type === 'unstructured' || scores.length === 0) return bits;
  const mask = new Uint8Array(scores.length);
  const { inputs, outputs } = matrixShape(structure, shape, scores.length);
  const { block } = unitsOf(structure, inputs, outputs);
  native().expandMask(bits, inputs, outputs, ...block, mask);
  return withoutPruned(mask, previous);
}

function withoutPruned(mask: Mask, previous: Mask | undefined): Mask {
  if (previous) for (let i = 0; i < mask.length; i++) if (previous[i] === 0) mask[i] = 0;
  return mask;
}

function selectInLayer(weight: ScoredWeight, sparsity: number, rule: Resolved): Mask {
  const { structure, compat, minKept } = rule;
  const ownRule = compat === 'exact' || compat === 'torch' || structure.type === 'unstructured';
  if (isRanked(structure) && ownRule && (compat !== 'torch' || structure.type !== 'block')) {
    const [bits] = rankUnits([partsOf(weight, structure)], sparsity, compat, minKept);
    return expand(weight, structure, bits!);
  }
  // Groups, where a pruned entry must rank below any other, and what another tool's rule says or refuses.
  const scores = unprunedScores(weight, isRanked(structure) ? 0 : Number.NEGATIVE_INFINITY);
  const { mask } = computeMask(scores, weight.shape, { sparsity, structure, compat }, weight.key);
  return withoutPruned(mask, weight.previous);
}

/**
 * Chooses what stays of several weights by their scores. Ties go to the lower index, in a global ranking to the weight
 * that stands earlier in the list. Pruned weights never come back: what a previous mask prunes is not ranked.
 *
 * Scope `global` ranks entries (or blocks by their pooled scores, inputs and outputs by their norms) of all weights at
 * once: the count holds for all of them together, in parts, whatever their sizes.
 *
 * @returns masks by key, in the order of the weights
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_NAN`, `ERR_SPARSE_SHAPE` (also for a block larger than its
 * matrix) or `ERR_SPARSE_DTYPE` naming the weight; `ERR_SPARSE_MODEL` when two weights have the same key
 */
export function selectMasks(weights: readonly ScoredWeight[], rule: SelectionRule): Map<string, Mask> {
  const resolved = resolve(rule);
  const { structure, scope, compat, sparsity, minKept } = resolved;
  checkWeights(weights, structure);
  if (scope === 'global' && isRanked(structure)) {
    const parts = weights.map((weight) => partsOf(weight, structure));
    const bits = rankUnits(parts, sparsity, compat, minKept);
    return new Map(weights.map((weight, w) => [weight.key, expand(weight, structure, bits[w]!)]));
  }
  const shared = distribute(weights, sparsity, resolved.distribution);
  return new Map(weights.map((weight) => [weight.key, selectInLayer(weight, shared[weight.key]!, resolved)]));
}
