import type { Batch } from '../../../../lib/pruning/batches.ts';
import type { LiveContext } from '../../../../lib/pruning/criteria/live-criterion.ts';
import { liveWeights } from '../../../../lib/pruning/live-weights.ts';
import type { LossChoice } from '../../../../lib/pruning/losses.ts';
import { tf } from '../backends.ts';

const seeded = (seed: number) => tf.initializers.randomNormal({ seed, stddev: 0.5 });

/** 5 inputs, tanh, 3 classes by softmax. */
export function classifier(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({
        name: 'hidden',
        units: 6,
        activation: 'tanh',
        inputShape: [5],
        kernelInitializer: seeded(1),
      }),
      tf.layers.dense({ name: 'output', units: 3, activation: 'softmax', kernelInitializer: seeded(2) }),
    ],
  });
}

/** Convolutions of every kind that has a gradient, pooling, normalization; 3 classes by softmax. */
export function convolutional(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: 'conv',
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        inputShape: [6, 6, 2],
        activation: 'elu',
        kernelInitializer: seeded(3),
      }),
      tf.layers.maxPooling2d({ name: 'max', poolSize: 2 }),
      tf.layers.batchNormalization({ name: 'norm' }),
      tf.layers.depthwiseConv2d({ name: 'depthwise', kernelSize: 2, depthwiseInitializer: seeded(4) }),
      tf.layers.averagePooling2d({ name: 'average', poolSize: 2, strides: 1, padding: 'same' }),
      tf.layers.flatten({ name: 'flat' }),
      tf.layers.dense({ name: 'output', units: 3, activation: 'softmax', kernelInitializer: seeded(5) }),
    ],
  });
}

/** Inputs of the model's shape with classes, the same every time. */
export function batchFor(model: tf.LayersModel, rows: number, seed = 7): Batch {
  const shape = model.inputs[0]!.shape.map((length) => length ?? rows);
  const classes = model.outputs[0]!.shape.at(-1)!;
  const labels = Array.from({ length: rows }, (_, i) => (i * 5 + seed) % classes);
  return {
    xs: tf.randomNormal(shape, 0, 1, 'float32', seed),
    ys: tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat(),
  };
}

/** What a criterion's function takes. */
export function contextFor(
  criterion: string,
  model: tf.LayersModel,
  batches: Batch[],
  options: { loss?: LossChoice; temperature?: number } = {},
): LiveContext {
  const weights = liveWeights('test', model);
  return { what: 'test', criterion, model, given: model, weights, batches, ...options };
}
