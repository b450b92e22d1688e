import './one-thread.ts';

import type { LayersModel } from '@tensorflow/tfjs-layers';
import { imageShape, network } from '../../../bench/demo/networks.ts';
import { tf } from './tf.ts';

export { imageShape };

/** LeNet-300-100 (266,610 parameters) with weights drawn from a seed; its outputs are logits. */
export const lenet = (seed: number) => network('lenet-300-100', seed);

/** The article's network (20,410 parameters) with weights drawn from a seed; its outputs are logits. */
export const cnn = (seed: number) => network('cnn', seed);

/** A function that compiles with a new Adam each time; labels are one-hot, outputs logits. */
export function withAdam(rate: number) {
  return (model: LayersModel): void =>
    model.compile({
      optimizer: tf.train.adam(rate),
      loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits),
      metrics: ['accuracy'],
    });
}

/** The same with plain stochastic gradient descent and momentum 0.9. */
export function withMomentum(rate: number) {
  return (model: LayersModel): void =>
    model.compile({
      optimizer: tf.train.momentum(rate, 0.9),
      loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits),
      metrics: ['accuracy'],
    });
}
