import { SparseError } from '../errors.ts';
import type { Mask } from '../sparse/structure.ts';
import { chooseMasks } from './choose-masks.ts';
import { scoreWeight } from './criteria/index.ts';
import { magnitude } from './criteria/magnitude.ts';
import { type Distribution, distribute } from './distributions.ts';
import { maskByMagnitude } from './mask.ts';
import { thresholdMask } from './movement/masks.ts';
import { unitMeans } from './movement/unit-means.ts';
import type { PrunedWeight } from './pruned-weight.ts';
import { type MovementRule, movementOf, type PruningRule } from './pruning-rule.ts';
import { finalSparsityOf, progressOf } from './schedule-progress.ts';

/** A mask and the smallest score that it keeps; `undefined` where each group has a cut of its own. */
export interface NextMask {
  mask: Mask;
  threshold: number | undefined;
}

/** Targets on the way: those of a table are reached at the schedule's end, like its own. */
function targetsAt(weights: readonly PrunedWeight[], rule: PruningRule, sparsity: number): Distribution {
  const { distribution, schedule } = rule;
  if (typeof distribution === 'string') return distribution;
  const targets = distribute(weights, finalSparsityOf(schedule) ?? sparsity, distribution);
  const progress = progressOf(schedule, sparsity);
  return Object.fromEntries(
    Object.entries(targets).map(([key, target]) => [key, Math.min(1, target * progress)]),
  );
}

/** The rank of what is pruned already: below everything, whatever the criterion makes of a zero. */
function sunk(scores: Float32Array, mask: Mask, structured: boolean): Float32Array {
  const lowest = structured ? 0 : Number.NEGATIVE_INFINITY;
  return scores.map((score, i) => (mask[i] === 0 ? lowest : score));
}

function smallestKept(scores: Float32Array, mask: Mask): number | undefined {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1 && scores[i]! < smallest) smallest = scores[i]!;
  return smallest === Number.POSITIVE_INFINITY ? undefined : smallest;
}

/** Learned scores, or magnitudes where nothing is learned yet: all scores are zero then. */
function learnedScores(weight: PrunedWeight): Float32Array {
  const { scores } = weight;
  if (!scores || scores.untrained) return magnitude({ values: weight.readValues() });
  return scores.readScores();
}

function byCriterion(weights: readonly PrunedWeight[], rule: PruningRule, sparsity: number): NextMask[] {
  const { criterion, compat, seed } = rule;
  const previous = new Map<string, Mask>();
  const scores = new Map<string, Float32Array>();
  for (const weight of weights) {
    const { key, layer, name, shape, initial } = weight;
    if (typeof criterion === 'object') {
      scores.set(key, learnedScores(weight));
      continue;
    }
    const view = { layer, name, shape, values: weight.readValues(), ...(initial && { initial }) };
    const scored = scoreWeight(criterion, view, seed);
    // Zeros have the smallest magnitude anyway, and may come back where the sparsity falls.
    const stays = criterion !== 'magnitude';
    if (stays && compat === 'exact') previous.set(key, weight.readMask());
    const sink = stays && compat !== 'exact';
    scores.set(key, sink ? sunk(scored, weight.readMask(), rule.structure.type !== 'unstructured') : scored);
  }
  const { type } = rule.structure;
  const whole = movementOf(rule) && (type === 'input' || type === 'output');
  const masks = chooseMasks(weights, whole ? unitMeans(weights, scores, type) : scores, previous, {
    sparsity,
    structure: whole ? { type, order: Number.POSITIVE_INFINITY } : rule.structure,
    scope: rule.scope,
    distribution: targetsAt(weights, rule, sparsity),
    compat,
    minKept: rule.minKept,
  });
  return weights.map(({ key }) => {
    const mask = masks.get(key)!;
    return { mask, threshold: smallestKept(scores.get(key)!, mask) };
  });
}

function byThreshold(weights: readonly PrunedWeight[], movement: MovementRule, progress: number): NextMask[] {
  const threshold = movement.threshold * progress;
  return weights.map((weight) => {
    const scores = weight.scores!.readScores();
    const mask = thresholdMask(scores, threshold, { soft: movement.form === 'sigmoid' }, weight.key);
    return { mask, threshold };
  });
}

function refuseNanSparsity(weight: PrunedWeight, sparsity: number): void {
  if (!Number.isNaN(sparsity)) return;
  throw new SparseError(
    'ERR_SPARSE_SCHEDULE',
    `pruning: the schedule gives a sparsity of NaN for layer "${weight.layer}". A polynomial decay does so where its ` +
      'endStep equals its beginStep: make the window longer or take constantSparsity.',
    { layer: weight.layer, tensor: weight.name, expected: 'a number in [0, 1]', received: sparsity },
  );
}

/**
 * Ranks the present values (or learned scores) of weights that are pruned together; changes nothing.
 *
 * @returns one mask per weight, in their order
 * @throws {@link SparseError} `ERR_SPARSE_NAN`, naming the weight; `ERR_SPARSE_SCHEDULE` for a sparsity that is NaN
 */
export function nextMasks(weights: readonly PrunedWeight[], rule: PruningRule, sparsity: number): NextMask[] {
  const [first] = weights;
  if (!first) return [];
  refuseNanSparsity(first, sparsity);
  const movement = movementOf(rule);
  if (movement && movement.form !== 'top-k')
    return byThreshold(weights, movement, progressOf(rule.schedule, sparsity));
  const { criterion, scope, distribution, compat, structure } = rule;
  const alone = scope === 'layer' && distribution === 'uniform' && structure.type !== 'output';
  if (criterion !== 'magnitude' || !alone) return byCriterion(weights, rule, sparsity);
  // In one read of the weight, where nothing else is asked.
  return weights.map((weight) => {
    const name = `${weight.name} of layer "${weight.layer}"`;
    const own = { sparsity, structure: weight.structure, compat };
    const { mask, threshold } = maskByMagnitude(weight.readValues(), weight.shape, own, name);
    return { mask, threshold };
  });
}
