import { humanModels } from './human-models.ts';
import { kerasModel, kerasNetworks } from './keras-models.ts';
import { nsfwjsModels } from './nsfwjs-models.ts';
import { photos } from './photos.ts';

/** Everything that the conformance run needs, into this user's cache: about 2 GB, most of it Python's TensorFlow. */
export async function setUpModels(): Promise<void> {
  for (const part of [humanModels, nsfwjsModels, photos]) await part();
  for (const network of kerasNetworks) await kerasModel(network);
}
