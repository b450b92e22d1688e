import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import type { PrunedWeight } from '../../../lib/pruning/pruned-weight.ts';
import { tf } from './backends.ts';

/** The model of the article, with the layer names that Keras would give it. */
export function articleModel(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: 'conv2d',
        filters: 12,
        kernelSize: 3,
        activation: 'relu',
        inputShape: [28, 28, 1],
      }),
      tf.layers.maxPooling2d({ name: 'max_pooling2d', poolSize: 2 }),
      tf.layers.flatten({ name: 'flatten' }),
      tf.layers.dense({ name: 'dense', units: 10 }),
    ],
  });
}

const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });

/** 6 inputs, 8 hidden units, 3 outputs: 48 and 24 prunable weights. */
export function smallModel(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({
        name: 'd1',
        units: 8,
        activation: 'tanh',
        inputShape: [6],
        kernelInitializer: seeded(1),
      }),
      tf.layers.dense({ name: 'd2', units: 3, kernelInitializer: seeded(2) }),
    ],
  });
}

/** The same numbers every time. */
export function data(rows: number, inputs = 6, outputs = 3): { x: tf.Tensor2D; y: tf.Tensor2D } {
  return {
    x: tf.randomNormal([rows, inputs], 0, 1, 'float32', 3),
    y: tf.randomNormal([rows, outputs], 0, 1, 'float32', 5),
  };
}

/** All weights being pruned, of every wrapper. */
export function prunedWeights(model: tf.LayersModel): PrunedWeight[] {
  return findWrappers(model).flatMap(({ pruned }) => pruned);
}

/** Number of zeros of each pruned weight. */
export function zerosOf(model: tf.LayersModel): number[] {
  return prunedWeights(model).map(
    ({ variable }) => variable.dataSync().filter((value) => value === 0).length,
  );
}

/** Values under the zeros of the mask that are not zero themselves. */
export function leaks(pruned: PrunedWeight, values: ArrayLike<number>): number {
  return pruned.readMask().reduce((sum, keep, i) => sum + Number(keep === 0 && values[i] !== 0), 0);
}

/** Values of all weights, as plain arrays. */
export function snapshot(model: tf.LayersModel): number[][] {
  return model.getWeights().map((weight) => [...weight.dataSync()]);
}
