import { SparseError } from '../errors.ts';
import type { ArtifactsLike, SavableModel } from './model-source.ts';

/** The part of TF.js's `io.IOHandler` that `save` calls. */
interface SaveHandler {
  save(artifacts: ArtifactsLike): Promise<unknown>;
}

/**
 * Takes the artifacts of a live model out of its own `save`, which copies every weight once.
 *
 * @throws SparseError `ERR_SPARSE_MODEL` when the model cannot be saved: not built yet, or disposed
 */
export async function captureArtifacts(model: SavableModel): Promise<ArtifactsLike> {
  let captured: ArtifactsLike | undefined;
  const handler: SaveHandler = {
    save: async (artifacts) => {
      captured = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  };
  try {
    await (model as { save(handler: SaveHandler): Promise<unknown> }).save(handler);
  } catch (cause) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      `compile: the model cannot be read: its save() failed with "${(cause as Error)?.message ?? cause}". Build it first (give the first layer an inputShape, or call it once), and compile before dispose().`,
      { tensor: 'model', expected: 'a built model', received: 'a model whose save() fails', cause },
    );
  }
  if (!captured) {
    throw new SparseError(
      'ERR_SPARSE_MODEL',
      'compile: the model cannot be read: its save() never gave artifacts to the handler. Pass a TensorFlow.js LayersModel or GraphModel.',
      { tensor: 'model', expected: 'a TensorFlow.js model', received: 'an object with a save method' },
    );
  }
  return captured;
}
