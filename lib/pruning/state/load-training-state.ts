import type { Optimizer } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../../errors.ts';
import { fileError } from '../../io/safetensors.ts';
import { checkOptions, checkPath } from '../../native/check.ts';
import { coordinatorsOf, findWrappers } from '../find-wrappers.ts';
import { maskOptimizer } from '../optimizer-masks.ts';
import { tfc } from '../peers.ts';
import { checkModel } from '../rebuild-model.ts';
import { modelWeights } from '../studies/model-weights.ts';
import type { LayerVariable } from '../tf-types.ts';
import { checkOptimizer, type OptimizerState, writeOptimizer } from './optimizer-state.ts';
import { setRewindPoint } from './rewind-point.ts';
import { namesByKey, prunedOf, type StateFacts, shapeOf, unpackOptimizer } from './state-facts.ts';
import { readStateFile, type StateArray } from './state-file.ts';

/** Where a training stands. */
export interface LoadedTrainingState {
  /** Training steps begun, as the wrappers count them; -1 before the first one, or without wrappers. */ step: number;
  /** What was saved beside; null for nothing. */ extra: unknown;
}

function refuseModel(
  file: string,
  problem: string,
  tensor: string,
  expected: unknown,
  received: unknown,
): never {
  throw new SparseError(
    'ERR_SPARSE_MODEL',
    `loadTrainingState: ${file} belongs to another model: ${problem}. Make the model as it was made before the state was ` +
      'saved, by the same prune call.',
    { tensor, expected, received },
  );
}

/** Refuses the state of a model with other weights, or of one that is pruned elsewhere. */
function checkSameModel(
  file: string,
  facts: StateFacts,
  weights: ReadonlyMap<string, LayerVariable>,
  masked: readonly string[],
  steps: readonly string[],
): void {
  const saved = new Map(facts.weights);
  for (const [key, weight] of weights) {
    const shape = saved.get(key);
    if (!shape) refuseModel(file, `it has no weight "${key}"`, key, [...saved.keys()], key);
    if (String(shape) !== String(shapeOf(weight)))
      refuseModel(
        file,
        `its weight "${key}" is [${shape}], not [${shapeOf(weight)}]`,
        key,
        shape,
        shapeOf(weight),
      );
  }
  for (const key of saved.keys()) {
    if (!weights.has(key))
      refuseModel(file, `its weight "${key}" is not in this one`, key, key, [...weights.keys()]);
  }
  const same = [facts.masked.join(), Object.keys(facts.steps).join()];
  if (same[0] === masked.join() && same[1] === steps.join()) return;
  const problem = `it prunes [${facts.masked.join(', ')}], this one [${masked.join(', ')}]`;
  refuseModel(file, problem, 'masks', facts.masked, masked);
}

function isFacts(facts: Record<string, unknown>): boolean {
  const { weights, masked, steps, scoreOptimizers } = facts as Partial<StateFacts>;
  const objects = [steps, scoreOptimizers].every((value) => typeof value === 'object' && value !== null);
  return Array.isArray(weights) && Array.isArray(masked) && objects;
}

/**
 * Takes a training back to where {@link saveTrainingState} found it: on the same backend it goes on bit for bit as if it had
 * never stopped. Nothing changes unless the whole file fits.
 *
 * @param model - made as it was then: the same layers, the same call of `prune`, compiled with the same optimizer
 * @param options - `optimizer`: of a custom loop; default: the one that the model was compiled with, if any
 * @throws {@link SparseError} `ERR_SPARSE_MODEL` for the file of another model, `ERR_SPARSE_FILE` for one that is no training
 *   state, damaged, of a newer version, or of another optimizer
 */
export async function loadTrainingState(
  model: LayersModel,
  file: string,
  options: { optimizer?: Optimizer } = {},
): Promise<LoadedTrainingState> {
  const what = 'loadTrainingState';
  checkModel(what, model);
  checkPath(what, file);
  checkOptions(what, options, ['optimizer']);
  const { facts: unchecked, arrays } = await readStateFile(file);
  if (!isFacts(unchecked))
    throw fileError(file, 'the state in its metadata is not whole', 'a state', unchecked);
  const facts = unchecked as unknown as StateFacts;
  const weights = modelWeights(model);
  const pruned = prunedOf(model);
  const wrappers = findWrappers(model);
  const maskedKeys = pruned.map(({ key }) => key);
  checkSameModel(
    file,
    facts,
    weights,
    maskedKeys,
    wrappers.map(({ layer }) => layer.name),
  );

  const take = (name: string, shape: readonly number[]): StateArray['data'] => {
    const array = arrays.get(name);
    const fits = array && array.data.length === tfc.util.sizeFromShape([...shape]);
    if (!fits)
      throw fileError(file, `has no tensor "${name}" of shape [${shape}]`, shape, array?.shape ?? 'none');
    return array.data;
  };
  const unpack = (saved: StateFacts['optimizer'], prefix: string, optimizer: Optimizer): OptimizerState => {
    const state = saved && unpackOptimizer(saved, prefix, arrays);
    if (!state) throw fileError(file, `has no whole "${prefix}"`, 'all slots', 'some are missing');
    checkOptimizer(file, optimizer, state);
    return state;
  };

  // Everything is read and looked at before the first value changes.
  const optimizer = options.optimizer ?? (model.optimizer as Optimizer | undefined);
  const trained = optimizer && facts.optimizer ? unpack(facts.optimizer, 'optimizer', optimizer) : undefined;
  const values = [...weights].map(([key, weight]) => ({
    weight,
    data: take(`weight/${key}`, shapeOf(weight)),
  }));
  const masks = pruned.map((weight) => {
    const { key, shape, scores } = weight;
    return {
      weight,
      mask: take(`mask/${key}`, shape) as Uint8Array,
      threshold: take(`threshold/${key}`, [])[0]!,
      initial: arrays.get(`initial/${key}`)?.data as Float32Array | undefined,
      scores: scores && {
        values: take(`scores/${key}`, shape),
        optimizer: unpack(facts.scoreOptimizers[key], `score-optimizer/${key}`, scores.optimizer),
      },
    };
  });
  const rewind = facts.rewind
    ? new Map(
        [...weights].map(([key, weight]) => [key, take(`rewind/${key}`, shapeOf(weight)) as Float32Array]),
      )
    : undefined;

  const names = namesByKey(weights, pruned);
  for (const { weight, mask, threshold, initial, scores } of masks) {
    weight.writeMask(mask, threshold);
    if (initial) weight.initial = initial;
    if (!scores || !weight.scores) continue;
    const tensor = tfc.tensor(scores.values, weight.shape);
    weight.scores.weight.write(tensor);
    tensor.dispose();
    writeOptimizer(weight.scores.optimizer, scores.optimizer, names);
  }
  for (const { weight, data } of values) {
    const tensor = tfc.tensor(data, shapeOf(weight), weight.dtype);
    weight.write(tensor);
    tensor.dispose();
  }
  for (const wrapper of wrappers) wrapper.pruningStep = facts.steps[wrapper.layer.name]!;
  setRewindPoint(model, rewind);
  if (optimizer && trained) {
    writeOptimizer(optimizer, trained, names);
    if (coordinatorsOf(model).length > 0) maskOptimizer(model, optimizer);
  }
  return { step: wrappers[0]?.pruningStep ?? -1, extra: facts.extra };
}
