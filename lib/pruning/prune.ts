import type { LayersModel } from '@tensorflow/tfjs-layers';
import { distribute } from './distributions.ts';
import { coordinatorsOf } from './find-wrappers.ts';
import { liveWeights } from './live-weights.ts';
import type { Policy } from './policy.ts';
import { type PruneConfig, readPruneConfig } from './prune-config.ts';
import { pruneLowMagnitude } from './prune-low-magnitude.ts';
import type { PruningRule } from './pruning-rule.ts';
import { checkModel } from './rebuild-model.ts';
import { finalSparsityOf } from './schedule-progress.ts';
import { checkStructure, type StructureOptions } from './structure-options.ts';
import { wrapModel } from './wrap-model.ts';
import { PruningWrapper } from './wrapper.ts';

/** A structure in TFMOT's words. */
function tfmotOptions({ structure }: PruningRule): StructureOptions {
  if (structure.type === 'nm') return { sparsityMByN: [structure.of - structure.keep, structure.of] };
  if (structure.type !== 'block') return {};
  const { inputs, outputs, pooling } = structure;
  return { blockSize: [inputs, outputs], blockPoolingType: pooling === 'max' ? 'MAX' : 'AVG' };
}

/**
 * Wraps the layers with a prunable weight by a rule.
 *
 * @throws {@link SparseError} `ERR_SPARSE_MODEL` when there is none, or two have one name
 */
export function wrapByRule(
  what: string,
  model: LayersModel,
  rule: PruningRule,
  policy?: Policy,
): LayersModel {
  checkModel(what, model);
  const weights = liveWeights(what, model, { policy });
  for (const { layer, name, shape } of weights) checkStructure({ ...rule, layer: layer.name }, name, shape);
  // What a table names wrongly comes out here, not in the middle of the training.
  if (rule.distribution !== 'uniform') {
    distribute(weights, finalSparsityOf(rule.schedule) ?? 0.5, rule.distribution);
  }
  const chosen = new Set(weights.map(({ layer }) => layer));
  const wrapped = wrapModel(model, {
    what,
    wrap: (layer, inner) => {
      if (!chosen.has(layer)) return undefined;
      const { batchInputShape } = layer;
      return new PruningWrapper({ layer: inner(), rule, ...(batchInputShape && { batchInputShape }) });
    },
  });
  for (const coordinator of coordinatorsOf(wrapped)) coordinator.keepInitialValues();
  return wrapped;
}

/**
 * Wraps the layers of a Sequential or functional model so that training prunes them, by any criterion, structure, scope
 * and schedule. Compile the result and train it as usual, with `updatePruningStep()` among the callbacks; `stripPruning`
 * gives the plain model back.
 *
 * Pruned weights are exactly zero after every step, however the model is trained, and so are their gradients and optimizer
 * slots. Two exceptions: compat 'tfmot' trains as TFMOT does, and criterion 'movement' keeps the values under its masks,
 * which may come back: there each call of the layer masks, and stripping does.
 *
 * With criterion 'movement' scores learn beside the weights, at a rate of their own and in any training loop; the first
 * masks, before anything is learned, go by magnitude. With `soft: true` a threshold decides instead of a number: the
 * schedule's sparsity then only says how far threshold and lambda have come.
 *
 * @param model - built, trained or not; copied, except with compat 'tfmot', which shares its layers
 * @returns a model that is not compiled
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` or `ERR_SPARSE_ARGUMENT` for a bad option, `ERR_SPARSE_SHAPE` for a weight
 *   that the structure cannot prune, `ERR_SPARSE_MODEL` for a model that is not built, disposed, of another kind, wrapped
 *   already or without a prunable weight
 * @see Zhu & Gupta 2017, arXiv:1710.01878; Sanh, Wolf & Rush 2020, arXiv:2005.07683 (movement)
 */
export function prune(model: LayersModel, config: PruneConfig): LayersModel {
  const { rule, policy } = readPruneConfig(config);
  if (rule.compat !== 'tfmot') return wrapByRule('prune', model, rule, policy);
  checkModel('prune', model);
  const { schedule, biases } = rule;
  const options = { ...tfmotOptions(rule), pruningSchedule: schedule, biases, policy };
  return pruneLowMagnitude(model, { ...options, compat: 'tfmot' });
}
