import { tf } from '../engines/load-tfjs-node.ts';
import type { Network } from './result.ts';

export type Model = ReturnType<typeof tf.sequential>;

/** Shape of one input image. */
export const imageShape: Readonly<Record<Network, readonly number[]>> = {
  cnn: [28, 28, 1],
  'lenet-300-100': [784],
};

function glorot(seed: number) {
  return tf.initializers.glorotUniform({ seed });
}

/**
 * The article's network (20,410 parameters) and LeNet-300-100 (266,610), untrained, always the same weights for the
 * same seed. The last layer is linear: its outputs are the logits.
 */
export function network(name: Network, seed: number): Model {
  if (name === 'cnn')
    return tf.sequential({
      layers: [
        tf.layers.conv2d({
          name: 'conv2d',
          inputShape: [28, 28, 1],
          filters: 12,
          kernelSize: 3,
          activation: 'relu',
          kernelInitializer: glorot(seed),
        }),
        tf.layers.maxPooling2d({ name: 'max_pooling2d', poolSize: 2 }),
        tf.layers.flatten({ name: 'flatten' }),
        tf.layers.dense({ name: 'dense', units: 10, kernelInitializer: glorot(seed + 1) }),
      ],
    });
  const units = [300, 100, 10];
  return tf.sequential({
    layers: units.map((width, i) =>
      tf.layers.dense({
        name: `dense_${i + 1}`,
        units: width,
        ...(i === 0 ? { inputShape: [784] } : {}),
        ...(i < units.length - 1 ? { activation: 'relu' as const } : {}),
        kernelInitializer: glorot(seed + i),
      }),
    ),
  });
}

/** Adam with its defaults and cross-entropy of the logits, as in the article. Labels are one-hot. */
export function compileForTraining(model: { compile: Model['compile'] }): void {
  model.compile({
    optimizer: 'adam',
    loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits),
    metrics: ['accuracy'],
  });
}
