import { SparseError } from '../errors.ts';
import type { Artifacts, Weight, WeightDtype } from './artifacts.ts';
import { assembleArtifacts } from './read-artifacts.ts';

/** The part of a live LayersModel that is read without waiting. */
export interface LiveModel {
  toJSON(unused?: unknown, returnString?: boolean): unknown;
  readonly weights: readonly {
    readonly originalName: string;
    read(): { readonly shape: number[]; readonly dtype: string; dataSync(): unknown };
  }[];
}

/**
 * A live LayersModel as its `save` would give it, but at once. On backends that keep values on a device this waits for
 * the device. Weights may share memory with the model: they must not be written to.
 *
 * @throws SparseError `ERR_SPARSE_MODEL` when the model cannot be read: not built yet, or disposed
 */
export function readLiveModel(model: LiveModel): Artifacts {
  let topology: unknown;
  let weights: Weight[];
  try {
    topology = model.toJSON(null, false);
    weights = model.weights.map((weight) => {
      const tensor = weight.read();
      return {
        name: weight.originalName,
        shape: [...tensor.shape],
        dtype: tensor.dtype as WeightDtype,
        data: tensor.dataSync() as Weight['data'],
      };
    });
  } catch (cause) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `the live model cannot be read: "${(cause as Error)?.message ?? cause}". Build it first (give the first layer an inputShape, or call it once), and not after dispose().`,
      { tensor: 'model', expected: 'a built model', received: 'a model that cannot be read', cause },
    );
  }
  return assembleArtifacts('the live model', topology, weights);
}
