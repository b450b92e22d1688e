import * as tf from '@tensorflow/tfjs-node';

/** The small convolutional network of the MNIST demo. */
export function articleCnn(activation?: 'softmax'): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 12, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, ...(activation && { activation }) }),
    ],
  });
}

/** LeNet-300-100. */
export function leNet(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 300, activation: 'relu', inputShape: [784] }),
      tf.layers.dense({ units: 100, activation: 'relu' }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}

/** One layer called on two inputs, each with an output of its own. */
export function sharedModel(): tf.LayersModel {
  const [a, b] = [tf.input({ shape: [5], name: 'left' }), tf.input({ shape: [5], name: 'right' })];
  const shared = tf.layers.dense({ units: 4, activation: 'tanh', name: 'shared' });
  const [x, y] = [a, b].map((input) => shared.apply(input) as tf.SymbolicTensor);
  const outputs = [
    tf.layers.dense({ units: 3, name: 'one' }).apply(x!) as tf.SymbolicTensor,
    tf.layers.dense({ units: 2, name: 'two' }).apply(y!) as tf.SymbolicTensor,
    y!,
  ];
  return tf.model({ inputs: [a, b], outputs });
}

/** A functional model inside another, called twice, and a Sequential inside that. */
export function nestedModel(): tf.LayersModel {
  const inner = tf.input({ shape: [6, 6, 2] });
  const convolved = tf.layers
    .conv2d({ filters: 2, kernelSize: 3, padding: 'same', name: 'inner_conv' })
    .apply(inner) as tf.SymbolicTensor;
  const block = tf.sequential({
    name: 'block',
    layers: [
      tf.layers.batchNormalization({ inputShape: [6, 6, 2], name: 'block_bn' }),
      tf.layers.leakyReLU({ alpha: 0.1, name: 'block_leak' }),
    ],
  });
  const encoder = tf.model({
    name: 'encoder',
    inputs: inner,
    outputs: [block.apply(convolved) as tf.SymbolicTensor, convolved],
  });
  const input = tf.input({ shape: [6, 6, 2] });
  const [first, side] = encoder.apply(input) as tf.SymbolicTensor[];
  const [second] = encoder.apply(first!) as tf.SymbolicTensor[];
  const flat = tf.layers.flatten().apply(second!) as tf.SymbolicTensor;
  const scores = tf.layers.dense({ units: 3, activation: 'softmax' }).apply(flat) as tf.SymbolicTensor;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(side!) as tf.SymbolicTensor;
  return tf.model({ name: 'outer', inputs: input, outputs: [scores, pooled] });
}
