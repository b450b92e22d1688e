import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tfc } from './peers.ts';

/** What a model's own `save` would write, without the optimizer. */
export async function savedArtifacts(model: LayersModel | GraphModel): Promise<io.ModelArtifacts> {
  let saved: io.ModelArtifacts | undefined;
  const handler = tfc.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
  return saved!;
}

/** All bytes of the weights, in the order of the specs. */
export function weightBytes(artifacts: io.ModelArtifacts): Uint8Array {
  return new Uint8Array(tfc.io.CompositeArrayBuffer.join(artifacts.weightData ?? new ArrayBuffer(0)));
}
