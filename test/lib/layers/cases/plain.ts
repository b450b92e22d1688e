import * as tf from '@tensorflow/tfjs-node';
import type { Random } from '../../../helpers/random.ts';
import {
  anyActivation,
  anyShape,
  coin,
  type LayerCases,
  type MakeLayer,
  picture,
  sequence,
} from './layer-case.ts';

type Layer = tf.layers.Layer;

/** On inputs of any number of axes. */
const onAny =
  (make: (random: Random, shape: readonly number[]) => Layer, least = 1, most = 4): MakeLayer =>
  (random) => {
    const shape = anyShape(random, least, most);
    return { layer: make(random, shape), inputs: [shape] };
  };

const dense = onAny((random) => tf.layers.dense({ ...anyActivation(random), units: random.integer(1, 20) }));

const activation = onAny((random) => tf.layers.activation({ activation: anyActivation(random).activation }));

const relu = onAny((random) =>
  tf.layers.reLU(random.pick([{}, { maxValue: 6 }, { maxValue: random.next() + 0.1 }])),
);

const prelu = onAny((random, shape) => {
  const sharedAxes = shape.map((_, axis) => axis + 1).filter(() => coin(random));
  return tf.layers.prelu(sharedAxes.length > 0 ? { sharedAxes } : {});
});

/** An axis of the tensor, the batch left out, counted from either end. */
function anyAxis(random: Random, shape: readonly number[]): number {
  const axis = random.integer(1, shape.length);
  return coin(random) ? axis : axis - shape.length - 1;
}

/** TensorFlow.js has softmax over the last axis only. */
const softmax = onAny((random, shape) => tf.layers.softmax({ axis: coin(random) ? -1 : shape.length }));

const batchNormalization = onAny(
  (random, shape) =>
    tf.layers.batchNormalization({
      axis: anyAxis(random, shape),
      epsilon: random.pick([1e-3, 1e-5, 0.1]),
      scale: coin(random),
      center: coin(random),
    }),
  1,
  3,
);

/** A variance over one or two numbers may be near 0, and its root then has no bound: axes have three and more. */
const layerNormalization: MakeLayer = (random) => {
  const shape = anyShape(random, 1, 3).map((size) => size + 2);
  const axis = shape.map((_, i) => i + 1).slice(random.integer(0, shape.length - 1));
  return {
    layer: tf.layers.layerNormalization({
      axis: axis.length === 1 && coin(random) ? -1 : axis,
      epsilon: random.pick([1e-3, 1e-2]),
      scale: coin(random),
      center: coin(random),
    }),
    inputs: [shape],
  };
};

const reshape = onAny(
  (random, shape) => {
    let rest = shape.reduce((a, b) => a * b, 1);
    const targetShape: number[] = [];
    while (rest > 1) {
      const size = random.pick(Array.from({ length: rest }, (_, i) => i + 1).filter((d) => rest % d === 0));
      targetShape.push(size);
      rest /= size;
    }
    if (targetShape.length === 0) targetShape.push(1);
    const isInferred = coin(random);
    return tf.layers.reshape({
      targetShape: isInferred ? targetShape.with(random.integer(0, targetShape.length - 1), -1) : targetShape,
    });
  },
  1,
  3,
);

const permute = onAny((random, shape) => {
  const dims = shape
    .map((_, axis) => [random.next(), axis + 1] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, axis]) => axis);
  return tf.layers.permute({ dims });
});

const sameShapes = (random: Random, shape: readonly number[], least: number, most = 4) =>
  Array.from({ length: random.integer(least, most) }, () => shape);

const merge =
  (make: () => Layer, most = 4): MakeLayer =>
  (random) => ({ layer: make(), inputs: sameShapes(random, anyShape(random, 1, 4), 2, most) });

const concatenate: MakeLayer = (random) => {
  const shape = anyShape(random, 1, 4);
  // TensorFlow.js takes every negative axis for the last one.
  const axis = coin(random) ? -1 : random.integer(1, shape.length);
  const own = axis < 0 ? shape.length - 1 : axis - 1;
  const inputs = sameShapes(random, shape, 2).map((like) =>
    like.map((size, i) => (i === own ? random.integer(1, 5) : size)),
  );
  return { layer: tf.layers.concatenate({ axis }), inputs };
};

const dot: MakeLayer = (random) => {
  const k = random.integer(1, 6);
  const [left, right] = [anyShape(random, 1, 2), anyShape(random, 1, 2)];
  const axes = [random.integer(1, left.length), random.integer(1, right.length)] as [number, number];
  return {
    layer: tf.layers.dot({ axes, normalize: coin(random) }),
    inputs: [left.with(axes[0] - 1, k), right.with(axes[1] - 1, k)],
  };
};

const categoryEncoding: MakeLayer = (random) => {
  const [numTokens, length] = [random.integer(2, 9), random.integer(1, 5)];
  const outputMode = random.pick(['oneHot', 'multiHot', 'count'] as const);
  const size = outputMode === 'oneHot' ? 1 : length;
  return {
    layer: tf.layers.categoryEncoding({ numTokens, outputMode }),
    inputs: [[size]],
    alone: Float32Array.from({ length: 2 * size }, () => random.integer(0, numTokens - 1)),
  };
};

const rescaling = onAny((random) =>
  tf.layers.rescaling({ scale: random.pick([1 / 255, 2, -0.5]), offset: random.pick([0, -1, 0.5]) }),
);

/** Layers without a window. */
export const plainCases: LayerCases = {
  Dense: dense,
  Activation: activation,
  ReLU: relu,
  LeakyReLU: onAny((random) => tf.layers.leakyReLU({ alpha: random.next() })),
  // TensorFlow.js has no other alpha than 1.
  ELU: onAny(() => tf.layers.elu()),
  ThresholdedReLU: onAny((random) => tf.layers.thresholdedReLU({ theta: 2 * random.next() })),
  PReLU: prelu,
  Softmax: softmax,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Flatten: onAny(() => tf.layers.flatten(), 2, 4),
  Reshape: reshape,
  Permute: permute,
  RepeatVector: (random) => ({
    layer: tf.layers.repeatVector({ n: random.integer(1, 5) }),
    inputs: [anyShape(random, 1, 1, 9)],
  }),
  Add: merge(() => tf.layers.add()),
  Multiply: merge(() => tf.layers.multiply()),
  Average: merge(() => tf.layers.average()),
  Maximum: merge(() => tf.layers.maximum()),
  Minimum: merge(() => tf.layers.minimum()),
  Concatenate: concatenate,
  Dot: dot,
  CategoryEncoding: categoryEncoding,
  Rescaling: rescaling,
  Dropout: onAny((random) => tf.layers.dropout({ rate: random.next() * 0.9 })),
  GaussianDropout: onAny((random) => tf.layers.gaussianDropout({ rate: random.next() * 0.9 })),
  AlphaDropout: onAny((random) => tf.layers.alphaDropout({ rate: random.next() * 0.9 })),
  GaussianNoise: onAny((random) => tf.layers.gaussianNoise({ stddev: random.next() })),
  SpatialDropout1D: (random) => ({
    layer: tf.layers.spatialDropout1d({ rate: 0.5 }),
    inputs: [sequence(random)],
  }),
  InputLayer: (random) => ({ layer: tf.layers.flatten(), inputs: [picture(random)] }),
};
