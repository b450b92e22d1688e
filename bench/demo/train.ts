import type { CustomCallback } from '@tensorflow/tfjs-layers';
import { randomOrder } from '../../lib/sparse/random.ts';
import { tf } from '../engines/load-tfjs-node.ts';
import type { Images } from './mnist.ts';
import type { Model } from './networks.ts';

/** How far a training is. */
export interface TrainProgress {
  /** From 1. */
  epoch: number;
  /** Share of this epoch, in [0, 1]. */
  share: number;
  /** Training accuracy of the last finished epoch. */
  accuracy?: number;
}

export interface TrainOptions {
  epochs: number;
  seed: number;
  inputShape: readonly number[];
  /** Adam's rate in each epoch, the last for all that follow; default: the one it was compiled with. */
  learningRates?: readonly number[];
  /** Callbacks that every `fit` gets: pruning. */
  callbacks?: () => CustomCallback[];
  onProgress(progress: TrainProgress): void;
}

const batchSize = 128;

/** Optimizer steps of one epoch. */
export function stepsPerEpoch(images: Images): number {
  return Math.ceil(images.count / batchSize);
}

/**
 * Trains in batches of 128. The order of the images is shuffled here before every epoch: `fit`'s own shuffle draws
 * from `Math.random`, and a demo that cannot be repeated proves little.
 */
export async function train(
  model: Pick<Model, 'fit' | 'optimizer'>,
  images: Images,
  options: TrainOptions,
): Promise<void> {
  const { epochs, seed, inputShape, learningRates, callbacks, onProgress } = options;
  const pixels = tf.tensor(images.pixels, [images.count, ...inputShape]);
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d(Int32Array.from(images.labels), 'int32'), 10).toFloat());
  const batches = stepsPerEpoch(images);
  let accuracy: number | undefined;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const learningRate = learningRates?.[Math.min(epoch, learningRates.length) - 1];
    // Adam reads its field at every step; TF.js has no setter for it.
    if (learningRate !== undefined) Object.assign(model.optimizer, { learningRate });
    const order = tf.tensor1d(randomOrder(images.count, seed + epoch), 'int32');
    const [x, y] = [tf.gather(pixels, order), tf.gather(labels, order)];
    const history = await model.fit(x, y, {
      epochs: 1,
      batchSize,
      shuffle: false,
      verbose: 0,
      callbacks: [
        ...(callbacks?.() ?? []),
        new tf.CustomCallback({
          onBatchEnd: async (batch) => {
            if (batch % 20 === 0) onProgress({ epoch, share: batch / batches, accuracy });
          },
        }),
      ],
    });
    tf.dispose([order, x, y]);
    accuracy = Number(history.history.acc!.at(-1));
    onProgress({ epoch, share: 1, accuracy });
  }
  tf.dispose([pixels, labels]);
}
