import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { leafLayers } from '../leaf-layers.ts';
import { tfc } from '../peers.ts';
import type { Layer } from '../tf-types.ts';
import { PruningWrapper } from '../wrapper.ts';
import { defaultBatchSize, type OpenTraining } from './open-training.ts';

type Normalisation = Layer & { momentum: number };

function normalisations(model: LayersModel): Normalisation[] {
  return leafLayers(model)
    .map((layer) => (layer instanceof PruningWrapper ? layer.layer : layer))
    .filter((layer): layer is Normalisation => layer.getClassName() === 'BatchNormalization');
}

/**
 * Computes the running means and variances of a model's batch normalisation anew: averages over the batches of one pass
 * over the training data, in its own order. Other weights stay.
 */
export async function recomputeStatistics(open: OpenTraining, model: LayersModel): Promise<void> {
  const layers = normalisations(model);
  if (layers.length === 0) return;
  const before = layers.map((layer) => layer.momentum);
  let batch = 0;
  try {
    for await (const { xs } of open.data.batches(undefined, open.options.batchSize ?? defaultBatchSize)) {
      open.run.check();
      // A momentum of i / (i + 1) makes the running value the plain average of what was seen so far.
      for (const layer of layers) layer.momentum = batch / (batch + 1);
      tfc.tidy(() => model.apply(xs, { training: true }) as Tensor);
      batch++;
    }
  } finally {
    for (const [i, layer] of layers.entries()) layer.momentum = before[i]!;
  }
}
