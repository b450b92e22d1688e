import { expect } from 'vitest';
import { Random } from '../../helpers/random.ts';
import { tf } from '../pruning/backends.ts';

export const random = new Random();

/**
 * Random weights of a size that keeps signals as large as they come, of which every matrix and filter keeps a share of
 * `density`, each at a random place.
 */
export function randomWeights<Model extends tf.LayersModel>(model: Model, density = 1): Model {
  const values = model.weights.map(({ originalName, shape }) => {
    const full = shape as number[];
    const size = full.reduce((a, b) => a * b, 1);
    const fanIn = full.length < 2 ? 4 : (size / full.at(-1)!) * density;
    const floats = random.floats(size, 1 / Math.sqrt(fanIn));
    if (originalName.endsWith('variance'))
      return tf.tensor(
        floats.map((v) => 0.5 + Math.abs(v)),
        full,
      );
    return tf.tensor(full.length < 2 ? floats : floats.map((v) => (random.next() < density ? v : 0)), full);
  });
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

/** A layer that this package has never heard of: y = tanh(x · W) + x, with a weight of its own. */
export class Stranger extends tf.layers.Layer {
  static className = 'Stranger';
  private matrix?: tf.LayerVariable;

  override build(shape: tf.Shape | tf.Shape[]): void {
    const size = (shape as number[]).at(-1)!;
    this.matrix = this.addWeight('matrix', [size, size], 'float32', tf.initializers.glorotNormal({}));
    super.build(shape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x] = [inputs].flat() as [tf.Tensor];
      return tf.add(tf.tanh(tf.matMul(x, this.matrix!.read())), x);
    });
  }

  override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return shape;
  }
}

/** x + y as a layer that this package has never heard of, so that a model with it does not compile as a whole. */
export class StrangeSum extends tf.layers.Layer {
  static className = 'StrangeSum';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, y] = inputs as [tf.Tensor, tf.Tensor];
    return tf.add(x, y);
  }

  override computeOutputShape(shapes: tf.Shape | tf.Shape[]): tf.Shape {
    return (shapes as tf.Shape[])[0]!;
  }
}

/** Dense, Stranger, Dense: does not compile as a whole. */
export function modelWithStranger(size = 24): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: size, activation: 'relu', inputShape: [size], name: 'before' }),
      new Stranger({ name: 'stranger' }),
      tf.layers.dense({ units: 5, activation: 'softmax', name: 'after' }),
    ],
  });
}

/** Values of tensors, which are disposed. */
export function take(tensors: tf.Tensor | tf.Tensor[]): Float32Array[] {
  const list = [tensors].flat();
  const values = list.map((tensor) => tensor.dataSync<'float32'>().slice());
  tf.dispose(list);
  return values;
}

/** Equal within 1e-5 of the largest magnitude, shapes by the length. */
export function expectClose(actual: Float32Array[], expected: Float32Array[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, values] of expected.entries()) {
    const received = actual[i]!;
    expect(received.length).toBe(values.length);
    const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const difference = values.reduce((max, value, j) => Math.max(max, Math.abs(value - received[j]!)), 0);
    expect(difference / (largest || 1), `SEED=${random.seed}`).toBeLessThan(1e-5);
    expect(received.some(Number.isNaN)).toBe(false);
  }
}

/** Random tensors for the inputs of a model. */
export function inputsFor(model: tf.LayersModel, batch: number): tf.Tensor[] {
  return model.inputs.map(({ shape }) => {
    const full = [batch, ...(shape.slice(1) as number[])];
    return tf.tensor(random.floats(full.reduce((a, b) => a * b, 1)), full);
  });
}
