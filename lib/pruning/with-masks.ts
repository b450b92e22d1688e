import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError, shown } from '../errors.ts';
import type { Mask } from '../sparse/structure.ts';
import { findWrappers } from './find-wrappers.ts';
import { leafLayers } from './leaf-layers.ts';
import { tfc } from './peers.ts';
import { localName } from './prunable-weights.ts';
import { fixedRule } from './pruning-rule.ts';
import { checkModel } from './rebuild-model.ts';
import type { Layer, LayerVariable } from './tf-types.ts';
import { wrapModel } from './wrap-model.ts';
import { PruningWrapper } from './wrapper.ts';

interface MaskedWeight {
  layer: Layer;
  name: string;
  weight: LayerVariable;
  mask: Mask;
}

function refuseMask(key: string, mask: unknown, size: number): void {
  const refuse = (problem: string, expected: unknown, received: unknown): never => {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `withMasks: mask of ${key} ${problem}. A mask has one byte per weight, 1 = keep, 0 = pruned.`,
      { tensor: key, expected, received },
    );
  };
  if (!(mask instanceof Uint8Array)) refuse(`is ${shown(mask)}, expected a Uint8Array`, 'Uint8Array', mask);
  const { length } = mask as Mask;
  if (length !== size) refuse(`has ${length} entries, expected ${size}`, size, length);
  const odd = (mask as Mask).findIndex((keep) => keep > 1);
  if (odd >= 0) refuse(`holds ${(mask as Mask)[odd]} at ${odd}`, '0 or 1', (mask as Mask)[odd]);
}

/** The weights that the keys of the masks name. */
function findWeights(model: LayersModel, masks: ReadonlyMap<string, Mask>): MaskedWeight[] {
  if (!(masks instanceof Map)) {
    throw new SparseError(
      'ERR_SPARSE_ARGUMENT',
      `withMasks: masks is ${shown(masks)}, expected a Map of masks by "layer/weight".`,
      { tensor: 'masks', expected: 'Map', received: typeof masks },
    );
  }
  const weights = new Map<string, Omit<MaskedWeight, 'mask'>>();
  for (const layer of leafLayers(model)) {
    for (const weight of layer.weights) {
      const name = localName(layer, weight);
      const key = `${layer.name}/${name}`;
      if (weights.has(key) && masks.has(key)) {
        throw new SparseError(
          'ERR_SPARSE_MODEL',
          `withMasks: two layers of model "${model.name}" are called "${layer.name}". Give them names that differ.`,
          { layer: layer.name, tensor: key, expected: 'names that differ' },
        );
      }
      weights.set(key, { layer, name, weight });
    }
  }
  return [...masks].map(([key, mask]) => {
    const found = weights.get(key);
    if (!found) {
      throw new SparseError(
        'ERR_SPARSE_OPTION',
        `withMasks: model "${model.name}" has no weight "${key}", expected one of ${[...weights.keys()].join(', ')}. ` +
          'Are these the masks of another model?',
        { tensor: key, expected: [...weights.keys()], received: key },
      );
    }
    refuseMask(key, mask, tfc.util.sizeFromShape(found.weight.shape as number[]));
    return { ...found, mask };
  });
}

/**
 * A copy of a model whose masked weights are zero and stay so, exactly and after every step, however it is trained:
 * gradients and optimizer slots are masked too, and whoever assigns to such a weight leaves its zeros. The masks never
 * change. `stripPruning` gives the plain model back.
 *
 * @param model - Sequential or functional, built; left as it was
 * @param masks - by `layer name/weight name`, e.g. `dense_1/kernel`; any weight may have one. Weights not named are free
 * @returns a model that is not compiled
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a weight that the model has not, `ERR_SPARSE_SHAPE` for a mask of
 *   another size, `ERR_SPARSE_ARGUMENT`, `ERR_SPARSE_MODEL`
 */
export function withMasks(model: LayersModel, masks: ReadonlyMap<string, Mask>): LayersModel {
  const what = 'withMasks';
  checkModel(what, model);
  const masked = findWeights(model, masks);
  const result = wrapModel(model, {
    what,
    wrap: (layer, inner) => {
      const names = masked.filter((one) => one.layer === layer).map(({ name }) => name);
      if (names.length === 0) return undefined;
      const { batchInputShape } = layer;
      return new PruningWrapper({
        layer: inner(),
        rule: fixedRule(names),
        ...(batchInputShape && { batchInputShape }),
      });
    },
  });
  for (const wrapper of findWrappers(result)) {
    for (const weight of wrapper.pruned) {
      const one = masked.find(({ layer, name }) => layer.name === wrapper.layer.name && name === weight.name);
      weight.writeMask(one!.mask);
      weight.apply();
    }
  }
  return result;
}
