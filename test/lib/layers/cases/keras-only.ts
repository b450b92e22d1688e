import * as tf from '@tensorflow/tfjs-node';
import { anyShape, coin, type LayerCases, type MakeLayer, sequence } from './layer-case.ts';

type Shape = (number | null)[];
type Config = tf.serialization.ConfigDict;

/** A class of Keras that TensorFlow.js has not, made of what it has. */
function kerasLayer(
  className: string,
  config: Config,
  compute: (inputs: tf.Tensor[]) => tf.Tensor,
  shapeOf: (shape: Shape) => Shape = (shape) => shape,
): tf.layers.Layer {
  class KerasLayer extends tf.layers.Layer {
    static get className() {
      return className;
    }
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return tf.tidy(() => compute([inputs].flat()));
    }
    override computeOutputShape(shape: Shape | Shape[]): Shape {
      return shapeOf((Array.isArray(shape[0]) ? shape[0] : shape) as Shape);
    }
    override getConfig(): Config {
      return { ...super.getConfig(), ...config };
    }
  }
  return new KerasLayer({});
}

const unchanged =
  (className: string, config: Config, rank: number): MakeLayer =>
  (random) => ({
    layer: kerasLayer(className, config, ([x]) => tf.clone(x!)),
    inputs: [anyShape(random, rank, rank)],
  });

const subtract: MakeLayer = (random) => {
  const shape = anyShape(random, 1, 4);
  return { layer: kerasLayer('Subtract', {}, ([a, b]) => tf.sub(a!, b!)), inputs: [shape, shape] };
};

const zeroPadding1d: MakeLayer = (random) => {
  const padding: [number, number] = [random.integer(0, 3), random.integer(0, 3)];
  return {
    layer: kerasLayer(
      'ZeroPadding1D',
      { padding },
      ([x]) => tf.pad(x!, [[0, 0], padding, [0, 0]]),
      ([batch, steps, features]) => [batch!, steps! + padding[0] + padding[1], features!],
    ),
    inputs: [sequence(random)],
  };
};

const cropping1d: MakeLayer = (random) => {
  const [before, after] = [random.integer(0, 2), random.integer(0, 2)];
  return {
    layer: kerasLayer(
      'Cropping1D',
      { cropping: [before, after] },
      ([x]) => tf.slice(x!, [0, before, 0], [-1, x!.shape[1]! - before - after, -1]),
      ([batch, steps, features]) => [batch!, steps! - before - after, features!],
    ),
    inputs: [sequence(random, 5)],
  };
};

/** A mean for each entry of some axes, or one for all. */
const normalization: MakeLayer = (random) => {
  const shape = anyShape(random, 1, 3);
  const kept = shape.map(() => coin(random));
  const wide = shape.map((size, i) => (kept[i] ? size : 1));
  const count = wide.reduce((a, b) => a * b, 1);
  const mean = [...random.floats(count)];
  const variance = [...random.floats(count)].map((v) => Math.fround(0.1 + Math.abs(v)));
  const invert = coin(random);
  const axis = shape.flatMap((_, i) => (kept[i] ? [i + 1] : []));
  const layer = kerasLayer('Normalization', { axis, mean, variance, invert }, ([x]) => {
    const [center, deviation] = [tf.tensor(mean, wide), tf.sqrt(tf.tensor(variance, wide))];
    return invert ? x!.mul(deviation).add(center) : x!.sub(center).div(deviation);
  });
  return { layer, inputs: [shape] };
};

/** Classes that only Keras writes. */
export const kerasOnlyCases: LayerCases = {
  Normalization: normalization,
  Subtract: subtract,
  ZeroPadding1D: zeroPadding1d,
  Cropping1D: cropping1d,
  SpatialDropout2D: unchanged('SpatialDropout2D', { rate: 0.5 }, 3),
  SpatialDropout3D: unchanged('SpatialDropout3D', { rate: 0.5 }, 4),
  ActivityRegularization: unchanged('ActivityRegularization', { l1: 0.1, l2: 0.1 }, 2),
};
