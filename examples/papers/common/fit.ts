import type { Scalar } from '@tensorflow/tfjs-core';
import type { CustomCallback, LayersModel } from '@tensorflow/tfjs-layers';
import type { Images } from '../../../bench/demo/mnist.ts';
import { train } from '../../../bench/demo/train.ts';
import { tf } from './tf.ts';

/** Trains a compiled model on images, in an order that hangs on the seed alone; batches of 128. */
export function fitOn(
  model: LayersModel,
  images: Images,
  options: {
    epochs: number;
    seed: number;
    inputShape: readonly number[];
    callbacks?: () => CustomCallback[];
  },
): Promise<void> {
  return train(model as Parameters<typeof train>[0], images, { ...options, onProgress: () => {} });
}

/** Share of images that a compiled model gets right. */
export function accuracyOn(model: LayersModel, images: Images, inputShape: readonly number[]): number {
  return tf.tidy(() => {
    const xs = tf.tensor(images.pixels, [images.count, ...inputShape]);
    const ys = tf.oneHot(tf.tensor1d(Int32Array.from(images.labels), 'int32'), 10).toFloat();
    const [, accuracy] = model.evaluate(xs, ys, { batchSize: 1000 }) as Scalar[];
    return Math.round(accuracy!.dataSync()[0]! * images.count) / images.count;
  });
}
