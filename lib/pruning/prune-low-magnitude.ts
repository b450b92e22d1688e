import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import { leafLayers } from './leaf-layers.ts';
import type { PruningCompat } from './mask.ts';
import { checkKeys, checkOneOf } from './options.ts';
import type { Policy } from './policy.ts';
import { isKnownLayer, isTfmotLayer, localName, prunableWeightsOf } from './prunable-weights.ts';
import { checkIsSchedule, checkTypes } from './prune-config.ts';
import { PruneLowMagnitude } from './prune-low-magnitude-layer.ts';
import { checkModel } from './rebuild-model.ts';
import type { PruningSchedule } from './schedules.ts';
import { checkStructure, readStructure, type StructureOptions } from './structure-options.ts';
import type { Layer } from './tf-types.ts';
import { wrapModel } from './wrap-model.ts';

/** TFMOT's parameters, and what TFMOT has not. */
export interface PruneLowMagnitudeConfig extends StructureOptions {
  /** How sparse, and when masks are recomputed. */
  pruningSchedule: PruningSchedule;
  /** Which layers; default: every layer whose class is known. */
  policy?: Policy;
  /** Prune the biases of the pruned layers too, each on its own; default false. */
  biases?: boolean;
  /**
   * 'exact' (default): pruned weights are exactly zero after every step, gradients and optimizer slots masked, counts
   * exact, the given model left as it was. 'tfmot': TFMOT to the letter.
   */
  compat?: PruningCompat;
}

const keys = [
  'pruningSchedule',
  'blockSize',
  'blockPoolingType',
  'sparsityMByN',
  'policy',
  'biases',
  'compat',
];

function checkConfig(config: PruneLowMagnitudeConfig): void {
  checkKeys('pruneLowMagnitude', config, keys);
  checkOneOf('pruneLowMagnitude: compat', config.compat ?? 'exact', ['exact', 'tfmot']);
  readStructure(config);
  checkTypes('pruneLowMagnitude', config, { policy: 'function', biases: 'boolean' });
  checkIsSchedule('pruneLowMagnitude', 'pruningSchedule', config.pruningSchedule);
}

function refuseUnknown(layers: readonly Layer[]): void {
  const unknown = layers.filter((layer) => !isTfmotLayer(layer));
  if (unknown.length === 0) return;
  const list = unknown.map((layer) => `${layer.getClassName()} "${layer.name}"`).join(', ');
  throw new SparseError(
    'ERR_SPARSE_UNSUPPORTED_LAYER',
    `pruneLowMagnitude: TFMOT refuses ${list}. Leave them out by a policy, give a custom layer the method ` +
      "getPrunableWeights(), or leave out compat: 'tfmot'.",
    { layer: unknown[0]!.name, received: unknown.map((layer) => layer.getClassName()) },
  );
}

/**
 * Wraps the layers of a Sequential or functional model so that training prunes them by magnitude. Compile the result
 * and train it as usual, with `updatePruningStep()` among the callbacks; `stripPruning` gives the plain model back.
 *
 * @param model - built, trained or not; with compat 'exact' it is copied, with 'tfmot' its layers are shared
 * @returns a model that is not compiled
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a bad option, `ERR_SPARSE_SHAPE` for a weight that the structure
 *   cannot prune, `ERR_SPARSE_MODEL` for a model that is not built, disposed or of another kind,
 *   `ERR_SPARSE_UNSUPPORTED_LAYER` (compat 'tfmot' only) for a layer class that TFMOT refuses
 * @see Zhu & Gupta 2017, arXiv:1710.01878, and TFMOT's `prune_low_magnitude`
 */
export function pruneLowMagnitude(model: LayersModel, config: PruneLowMagnitudeConfig): LayersModel {
  checkConfig(config);
  checkModel('pruneLowMagnitude', model);
  const { policy = () => true, compat = 'exact', ...options } = config;
  const chosen = (layer: Layer) =>
    layer.getClassName() !== 'InputLayer' && policy({ name: layer.name, className: layer.getClassName() });
  const layers = leafLayers(model).filter(chosen);
  if (compat === 'tfmot') refuseUnknown(layers);
  const structure = readStructure(config);
  for (const layer of layers.filter(isKnownLayer)) {
    for (const weight of prunableWeightsOf(layer)) {
      checkStructure(
        { structure, compat, layer: layer.name },
        localName(layer, weight),
        weight.shape as number[],
      );
    }
  }
  return wrapModel(model, {
    what: 'pruneLowMagnitude',
    share: compat === 'tfmot',
    wrap: (layer, inner) => {
      if (!layers.includes(layer) || !isKnownLayer(layer)) return undefined;
      const { batchInputShape } = layer;
      return new PruneLowMagnitude({
        ...options,
        compat,
        layer: inner(),
        ...(batchInputShape && { batchInputShape }),
      });
    },
  });
}
