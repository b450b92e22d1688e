import * as tf from '@tensorflow/tfjs-node';
import type { Random } from '../../../helpers/random.ts';
import {
  anyActivation,
  anyPadding,
  coin,
  type LayerCases,
  type MakeLayer,
  pair,
  picture,
  sequence,
} from './layer-case.ts';

/** Strides or dilations: TensorFlow takes not both above 1. */
function steps(random: Random, canDilate: boolean) {
  return canDilate && coin(random) ? { dilationRate: pair(random, 2) } : { strides: pair(random, 3) };
}

function steps1d(random: Random) {
  return coin(random) ? { dilationRate: random.integer(1, 2) } : { strides: random.integer(1, 3) };
}

const conv2d: MakeLayer = (random) => ({
  layer: tf.layers.conv2d({
    ...anyActivation(random),
    ...steps(random, true),
    filters: random.integer(1, 9),
    kernelSize: random.integer(1, 2),
    padding: anyPadding(random),
    dataFormat: 'channelsLast',
  }),
  inputs: [picture(random)],
});

const conv1d: MakeLayer = (random) => ({
  layer: tf.layers.conv1d({
    ...anyActivation(random),
    ...steps1d(random),
    filters: random.integer(1, 9),
    kernelSize: random.integer(1, 3),
    padding: anyPadding(random),
  }),
  inputs: [sequence(random, 5)],
});

/** TensorFlow takes only strides that are alike here. */
const depthwise: MakeLayer = (random) => ({
  layer: tf.layers.depthwiseConv2d({
    ...anyActivation(random),
    strides: random.integer(1, 3),
    kernelSize: pair(random, 3),
    padding: anyPadding(random),
    depthMultiplier: random.integer(1, 3),
  }),
  inputs: [picture(random)],
});

/** With multipliers and dilations in conv2d.test.ts: TensorFlow.js does not save the one, tfjs-node has not the other. */
const separable: MakeLayer = (random) => ({
  layer: tf.layers.separableConv2d({
    ...anyActivation(random),
    strides: random.integer(1, 3),
    filters: random.integer(1, 6),
    kernelSize: random.integer(1, 3),
    padding: anyPadding(random),
  }),
  inputs: [picture(random)],
});

const transposed: MakeLayer = (random) => ({
  layer: tf.layers.conv2dTranspose({
    ...anyActivation(random),
    strides: pair(random, 3) as number,
    filters: random.integer(1, 6),
    kernelSize: pair(random, 4) as number,
    padding: anyPadding(random),
  }),
  inputs: [picture(random)],
});

const pooling2d =
  (make: typeof tf.layers.maxPooling2d | typeof tf.layers.averagePooling2d): MakeLayer =>
  (random) => ({
    layer: make({
      poolSize: pair(random, 3),
      padding: anyPadding(random),
      ...(coin(random) && { strides: pair(random, 3) }),
    }),
    inputs: [picture(random)],
  });

const pooling1d =
  (make: typeof tf.layers.maxPooling1d | typeof tf.layers.averagePooling1d): MakeLayer =>
  (random) => ({
    layer: make({
      poolSize: random.integer(1, 4),
      padding: anyPadding(random),
      ...(coin(random) && { strides: random.integer(1, 3) }),
    }),
    inputs: [sequence(random, 4)],
  });

const global2d =
  (make: typeof tf.layers.globalMaxPooling2d): MakeLayer =>
  (random) => ({ layer: make({ dataFormat: 'channelsLast' }), inputs: [picture(random)] });

const global1d =
  (make: typeof tf.layers.globalMaxPooling1d): MakeLayer =>
  (random) => ({ layer: make({}), inputs: [sequence(random)] });

const zeroPadding2d: MakeLayer = (random) => {
  const room = () => random.integer(0, 3);
  const padding = random.pick([
    room(),
    [room(), room()],
    [
      [room(), room()],
      [room(), room()],
    ],
  ]);
  return { layer: tf.layers.zeroPadding2d({ padding: padding as number }), inputs: [picture(random)] };
};

const cropping2d: MakeLayer = (random) => {
  const cut = () => random.integer(0, 1);
  const cropping = [
    [cut(), cut()],
    [cut(), cut()],
  ] as [[number, number], [number, number]];
  return { layer: tf.layers.cropping2D({ cropping }), inputs: [picture(random)] };
};

const upSampling: MakeLayer = (random) => ({
  layer: tf.layers.upSampling2d({
    size: [random.integer(1, 3), random.integer(1, 3)],
    interpolation: random.pick(['nearest', 'bilinear']),
  }),
  inputs: [picture(random)],
});

const resizing: MakeLayer = (random) => {
  const shape = picture(random);
  return {
    layer: tf.layers.resizing({
      height: random.integer(1, 15),
      width: random.integer(1, 15),
      interpolation: random.pick(['nearest', 'bilinear']),
      cropToAspectRatio: coin(random),
    }),
    inputs: [shape],
    alone: random.floats(2 * shape.reduce((a, b) => a * b, 1)),
  };
};

const centerCrop: MakeLayer = (random) => {
  const shape = picture(random);
  const [height, width] = [random.integer(1, shape[0]!), random.integer(1, shape[1]!)];
  return { layer: tf.layers.centerCrop({ height, width }), inputs: [shape] };
};

/** Layers of pictures and sequences with a window, or another size. */
export const windowCases: LayerCases = {
  Conv2D: conv2d,
  Conv1D: conv1d,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
  Conv2DTranspose: transposed,
  MaxPooling2D: pooling2d(tf.layers.maxPooling2d),
  AveragePooling2D: pooling2d(tf.layers.averagePooling2d),
  MaxPooling1D: pooling1d(tf.layers.maxPooling1d),
  AveragePooling1D: pooling1d(tf.layers.averagePooling1d),
  GlobalMaxPooling2D: global2d(tf.layers.globalMaxPooling2d),
  GlobalAveragePooling2D: global2d(tf.layers.globalAveragePooling2d),
  GlobalMaxPooling1D: global1d(tf.layers.globalMaxPooling1d),
  GlobalAveragePooling1D: global1d(tf.layers.globalAveragePooling1d),
  ZeroPadding2D: zeroPadding2d,
  Cropping2D: cropping2d,
  UpSampling2D: upSampling,
  Resizing: resizing,
  CenterCrop: centerCrop,
};
