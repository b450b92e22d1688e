import * as tf from '@tensorflow/tfjs-node';
import type { Random } from './random.ts';

const activations = [
  'linear',
  'relu',
  'relu6',
  'sigmoid',
  'tanh',
  'elu',
  'selu',
  'gelu',
  'swish',
  'softplus',
  'hardSigmoid',
  'softmax',
] as const;

type Activation = Parameters<typeof tf.layers.activation>[0]['activation'];

/** A Sequential of one to eight layers of every kind that compiles, on a small map. */
export function randomModel(random: Random): tf.Sequential {
  const shape = [random.integer(5, 12), random.integer(5, 12), random.integer(1, 5)];
  const model = tf.sequential();
  if (random.next() < 0.3) {
    const size = shape.reduce((a, b) => a * b, 1);
    model.add(tf.layers.reshape({ targetShape: shape, inputShape: [size] }));
  }
  const layers = random.integer(1, 5);
  for (let i = 0; i < layers; i++) {
    model.add(randomLayer(random, model.layers.length === 0 ? { inputShape: shape } : {}));
  }
  if (random.next() < 0.8) {
    model.add(tf.layers.flatten());
    if (random.next() < 0.3) model.add(tf.layers.batchNormalization());
    model.add(tf.layers.dense({ units: random.integer(4, 40), activation: pickActivation(random) }));
  }
  return model;
}

function randomLayer(random: Random, first: { inputShape?: number[] }): tf.layers.Layer {
  const activation = pickActivation(random);
  const size = random.integer(1, 3);
  const window = { ...first, strides: random.integer(1, 2), padding: 'same' as const };
  switch (random.integer(0, 5)) {
    case 0: {
      const kernelSize = [size, random.integer(1, 3)];
      return tf.layers.conv2d({ ...window, kernelSize, activation, filters: random.integer(1, 20) });
    }
    case 1: {
      const depthMultiplier = random.integer(1, 2);
      return tf.layers.depthwiseConv2d({ ...window, kernelSize: size, activation, depthMultiplier });
    }
    case 2:
      return tf.layers.maxPooling2d({ ...window, poolSize: size });
    case 3:
      return tf.layers.averagePooling2d({ ...window, poolSize: size });
    case 4:
      return tf.layers.batchNormalization(first);
    default:
      return tf.layers.dense({ ...first, activation, units: random.integer(1, 20) });
  }
}

function pickActivation(random: Random): Activation {
  return random.pick(activations) as Activation;
}
