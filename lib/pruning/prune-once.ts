import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { pause, throwIfAborted } from '../native/abort.ts';
import type { Mask } from '../sparse/structure.ts';
import { type Batch, collectBatches, disposeBatches } from './batches.ts';
import { chooseMasks } from './choose-masks.ts';
import { isLayerwise, modelCriterion } from './criteria/data-criteria.ts';
import { scoreWeight } from './criteria/index.ts';
import type { LiveScores } from './criteria/live-criterion.ts';
import type { WeightCriterion } from './criterion.ts';
import { checkCalibratable, checkLayerwiseRun, pruneLayerwise } from './layerwise.ts';
import { leafLayers } from './leaf-layers.ts';
import { type LiveWeight, liveWeights, maskWeight, valuesOf } from './live-weights.ts';
import { type PruneOnceConfig, type PruneOnceRun, readPruneOnceConfig } from './prune-once-config.ts';
import { checkModel } from './rebuild-model.ts';
import { stripPruning } from './strip.ts';

/** What `pruneOnce` made. */
export interface PruneOnceResult {
  /** A copy of the given model with zeros; not compiled. */ model: LayersModel;
  /** 1 = kept, by `layer/weight`, of every weight that was chosen. */ masks: Map<string, Mask>;
}

const what = 'pruneOnce';

/** The weights to prune: all prunable ones, or those that a table of targets names. */
function chosenWeights(model: LayersModel, run: PruneOnceRun): LiveWeight[] {
  const weights = liveWeights(what, model, run);
  const { sparsity } = run;
  if (typeof sparsity === 'number') return weights;
  const named = (weight: LiveWeight) => weight.key in sparsity || weight.layer.name in sparsity;
  for (const name of Object.keys(sparsity)) {
    if (weights.some(({ key, layer }) => key === name || layer.name === name)) continue;
    const layer = leafLayers(model).find((one) => one.name === name);
    const expected = [...new Set(weights.map((weight) => weight.layer.name))];
    const received = layer ? `${layer.getClassName()} without a prunable weight` : 'no such layer';
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: sparsity names "${name}" (${received}), expected layers or weights of [${expected.join(', ')}].`,
      { layer: name, tensor: name, expected, received },
    );
  }
  return weights.filter(named);
}

/** Values of the weights of another model with the same layers, by key. */
function initialValues(initial: LayersModel | undefined, weights: readonly LiveWeight[], run: PruneOnceRun) {
  if (initial === undefined) return undefined;
  checkModel(`${what}: initial`, initial);
  const found = new Map(liveWeights(`${what}: initial`, initial, run).map((weight) => [weight.key, weight]));
  return new Map(
    weights.map(({ key, layer, shape }) => {
      const weight = found.get(key);
      if (weight && `${weight.shape}` === `${shape}`) return [key, valuesOf(weight)];
      throw new SparseError(
        'ERR_SPARSE_SHAPE',
        `${what}: initial: weight ${key} is ${weight ? `of shape [${weight.shape}]` : 'missing'}, expected [${shape}]. ` +
          'Give the same model before training.',
        { layer: layer.name, tensor: key, expected: shape, received: weight?.shape },
      );
    }),
  );
}

/** Fraction kept after iteration k of n, given the fraction kept in the end. */
function densityAfter(run: PruneOnceRun, density: number, iteration: number): number {
  const progress = iteration / run.iterations;
  return run.densitySchedule === 'exponential' ? density ** progress : 1 - (1 - density) * progress;
}

function mapTargets(
  sparsity: PruneOnceRun['sparsity'],
  change: (target: number) => number,
): PruneOnceRun['sparsity'] {
  if (typeof sparsity === 'number') return change(sparsity);
  return Object.fromEntries(Object.entries(sparsity).map(([name, target]) => [name, change(target)]));
}

/** The sparsities to reach in an iteration; the last one's are what was asked for, to the last bit. */
function sparsityAfter(run: PruneOnceRun, iteration: number): PruneOnceRun['sparsity'] {
  if (iteration === run.iterations) return run.sparsity;
  return mapTargets(run.sparsity, (target) => 1 - densityAfter(run, 1 - target, iteration));
}

/** The same as the rule of `compat` counts it: of all weights, or of what the iteration before left. */
function sparsityToSelect(run: PruneOnceRun, iteration: number): PruneOnceRun['sparsity'] {
  if (iteration === 1 || (run.compat !== 'torch' && run.compat !== 'openlth'))
    return sparsityAfter(run, iteration);
  return mapTargets(run.sparsity, (target) => {
    const before = densityAfter(run, 1 - target, iteration - 1);
    return before === 0 ? 1 : 1 - densityAfter(run, 1 - target, iteration) / before;
  });
}

const count = (mask: Mask) => mask.reduce((sum, bit) => sum + bit, 0);

function report(
  run: PruneOnceRun,
  iteration: number,
  weights: readonly LiveWeight[],
  masks: ReadonlyMap<string, Mask>,
  total?: number,
): void {
  if (!run.onProgress) return;
  const target = sparsityAfter(run, iteration);
  let [aimed, size] = [0, 0];
  for (const { key, layer } of weights) {
    const entries = masks.get(key)!.length;
    aimed += entries * (1 - (typeof target === 'number' ? target : (target[key] ?? target[layer.name] ?? 0)));
    size += entries;
  }
  const kept = Object.fromEntries([...masks].map(([key, mask]) => [key, count(mask)]));
  const density = typeof target === 'number' ? 1 - target : aimed / size;
  run.onProgress({
    iteration,
    iterations: run.iterations,
    density,
    kept,
    ...(total !== undefined && { total }),
  });
}

/** Scores, ranks and masks, as often as asked. */
async function prune(
  weights: readonly LiveWeight[],
  run: PruneOnceRun,
  score: () => Promise<LiveScores>,
): Promise<Map<string, Mask>> {
  let masks = new Map<string, Mask>();
  for (let iteration = 1; iteration <= run.iterations; iteration++) {
    await pause(what, run.signal);
    const { scores, total } = await score();
    masks = chooseMasks(weights, scores, masks, { ...run, sparsity: sparsityToSelect(run, iteration) });
    for (const weight of weights) maskWeight(weight, masks.get(weight.key)!);
    report(run, iteration, weights, masks, total);
  }
  return masks;
}

function weightScores(
  criterion: WeightCriterion,
  weights: readonly LiveWeight[],
  run: PruneOnceRun,
): () => Promise<LiveScores> {
  const initial = initialValues(run.initial, weights, run);
  return async () => {
    const scores = weights.map((weight): [string, Float32Array] => {
      throwIfAborted(what, run.signal);
      const { key, layer, name, shape } = weight;
      const before = initial?.get(key);
      const view = {
        layer: layer.name,
        name,
        shape,
        values: valuesOf(weight),
        ...(before && { initial: before }),
      };
      return [key, scoreWeight(criterion, view, run.seed)];
    });
    return { scores: new Map(scores) };
  };
}

/**
 * Prunes a model at once, without training: scores its weights, keeps the best, sets the others to zero.
 *
 * @param model - Sequential or functional, built; left as it was
 * @returns a new model with zeros, and the masks (for `withMasks`)
 * @throws {@link SparseError} `ERR_SPARSE_OPTION`, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_SHAPE` for a structure that a weight
 *   cannot have, `ERR_SPARSE_NAN`, `ERR_SPARSE_MODEL` for a model that is not built, disposed, of another kind or without a
 *   prunable weight, `ERR_SPARSE_ABORTED`
 */
export async function pruneOnce(model: LayersModel, config: PruneOnceConfig): Promise<PruneOnceResult> {
  const run = readPruneOnceConfig(what, config);
  checkModel(what, model);
  const criterion = String(run.criterion);
  const live = modelCriterion(run.criterion);
  const layerwise = isLayerwise(run.criterion);
  const chosen = chosenWeights(model, run);
  if (layerwise) {
    checkLayerwiseRun(what, run);
    checkCalibratable(what, criterion, chosen);
  }
  const needsData = layerwise || (live !== undefined && live.needs !== 'nothing');
  const batches: Batch[] = needsData ? await collectBatches(what, run.data, run.signal) : [];
  const copy = stripPruning(model);
  try {
    const weights = chosenWeights(copy, run);
    if (layerwise) return { model: copy, masks: await pruneLayerwise(what, copy, weights, batches, run) };
    const { loss, temperature, signal } = run;
    const context = {
      what,
      criterion,
      model: copy,
      given: model,
      weights,
      batches,
      loss,
      temperature,
      signal,
    };
    const score = live
      ? () => live.score(context)
      : weightScores(run.criterion as WeightCriterion, weights, run);
    return { model: copy, masks: await prune(weights, run, score) };
  } catch (error) {
    copy.dispose();
    throw error;
  } finally {
    disposeBatches(batches);
  }
}
