import type { Optimizer } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkOptions, checkPath } from '../../native/check.ts';
import { coordinatorsOf, findWrappers } from '../find-wrappers.ts';
import { checkModel } from '../rebuild-model.ts';
import { modelWeights } from '../studies/model-weights.ts';
import { readOptimizer } from './optimizer-state.ts';
import { rewindPointOf } from './rewind-point.ts';
import { namesByKey, packOptimizer, prunedOf, type StateFacts, shapeOf } from './state-facts.ts';
import { type StateArray, writeStateFile } from './state-file.ts';

/** What {@link saveTrainingState} keeps besides the model. */
export interface SaveTrainingStateOptions {
  /** Of a custom loop; default: the one that the model was compiled with, if any. */
  optimizer?: Optimizer;
  /** Plain data of the caller's own, say the epoch and the place in the data; `loadTrainingState` gives it back. */
  extra?: unknown;
}

/**
 * Writes all that a training needs to go on as if it had never stopped into one file: the weights, the masks, thresholds and
 * learned scores, the steps of the schedule, the rewind point, and the optimizer with all its slots and counters, bit for
 * bit. The file is there completely or not at all, at whatever moment the process dies.
 *
 * It is a .safetensors file and stands beside a model.json, which it does not need: save the stripped model there for others.
 * Random numbers of this package come of a seed and the step, so there is nothing else to keep. Shuffle your data by a seed
 * of your own, and keep the place in it as `extra`.
 *
 * @throws {@link SparseError} `ERR_SPARSE_FILE` when it cannot be written, `ERR_SPARSE_MODEL` for two weights of one name
 */
export async function saveTrainingState(
  model: LayersModel,
  file: string,
  options: SaveTrainingStateOptions = {},
): Promise<void> {
  const what = 'saveTrainingState';
  checkModel(what, model);
  checkPath(what, file);
  checkOptions(what, options, ['optimizer', 'extra']);
  const arrays = new Map<string, StateArray>();
  const weights = modelWeights(model);
  const pruned = prunedOf(model);
  const keys = new Map([...namesByKey(weights, pruned)].map(([key, name]) => [name, key]));
  // Copies throughout: the backend may hand out its own memory, and writing takes a while.
  for (const [key, weight] of weights) {
    const values = weight.read().dataSync();
    const data = weight.dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
    arrays.set(`weight/${key}`, { shape: shapeOf(weight), data });
  }
  const scoreOptimizers: StateFacts['scoreOptimizers'] = {};
  for (const weight of pruned) {
    const { key, shape, threshold, initial, scores } = weight;
    arrays.set(`mask/${key}`, { shape, data: Uint8Array.from(weight.readMask()) });
    arrays.set(`threshold/${key}`, { shape: [], data: Float32Array.from(threshold.read().dataSync()) });
    if (initial) arrays.set(`initial/${key}`, { shape, data: initial });
    if (!scores) continue;
    arrays.set(`scores/${key}`, { shape, data: Float32Array.from(scores.readScores()) });
    const state = readOptimizer(scores.optimizer, keys);
    scoreOptimizers[key] = packOptimizer(state, `score-optimizer/${key}`, arrays);
  }
  const rewind = rewindPointOf(model);
  for (const [key, data] of rewind ?? []) {
    arrays.set(`rewind/${key}`, { shape: shapeOf(weights.get(key)!), data });
  }
  const optimizer = options.optimizer ?? (model.optimizer as Optimizer | undefined);
  const facts: StateFacts = {
    weights: [...weights].map(([key, weight]) => [key, shapeOf(weight)]),
    masked: pruned.map(({ key }) => key),
    steps: Object.fromEntries(findWrappers(model).map(({ layer, pruningStep }) => [layer.name, pruningStep])),
    seeds: coordinatorsOf(model).map(({ rule }) => rule.seed),
    ...(optimizer && { optimizer: packOptimizer(readOptimizer(optimizer, keys), 'optimizer', arrays) }),
    scoreOptimizers,
    rewind: rewind !== undefined,
    extra: options.extra ?? null,
  };
  await writeStateFile(file, { facts: { ...facts }, arrays });
}
