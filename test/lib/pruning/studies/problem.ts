import { randomValues } from '../../../../lib/sparse/random.ts';
import { tf } from '../backends.ts';

/** 4 inputs, 16 hidden units, 3 classes: 64 and 48 prunable weights. The same weights for the same seed. */
export function tinyModel(seed = 1): tf.Sequential {
  const kernel = (more: number) => tf.initializers.glorotUniform({ seed: 10 * seed + more });
  return tf.sequential({
    name: 'tiny',
    layers: [
      tf.layers.dense({
        name: 'hidden',
        units: 16,
        activation: 'relu',
        inputShape: [4],
        kernelInitializer: kernel(1),
      }),
      tf.layers.dense({ name: 'output', units: 3, activation: 'softmax', kernelInitializer: kernel(2) }),
    ],
  });
}

/** As {@link tinyModel}, with batch normalisation between. */
export function normalisedModel(): tf.Sequential {
  const kernel = (seed: number) => tf.initializers.glorotUniform({ seed });
  return tf.sequential({
    name: 'tiny',
    layers: [
      tf.layers.dense({ name: 'hidden', units: 8, inputShape: [4], kernelInitializer: kernel(1) }),
      tf.layers.batchNormalization({ name: 'norm', momentum: 0.9 }),
      tf.layers.dense({ name: 'output', units: 3, activation: 'softmax', kernelInitializer: kernel(2) }),
    ],
  });
}

/** Three classes of points, told apart by where two of the four inputs lie: easy, but not for a linear model. */
export function tinyData(examples: number, seed: number) {
  const values = randomValues(4 * examples, seed);
  const labels = new Float32Array(3 * examples);
  for (let i = 0; i < examples; i++) {
    const radius = Math.hypot(values[4 * i]! - 0.5, values[4 * i + 1]! - 0.5);
    labels[3 * i + (radius < 0.25 ? 0 : radius < 0.42 ? 1 : 2)] = 1;
  }
  return { xs: { values, shape: [examples, 4] }, ys: { values: labels, shape: [examples, 3] } };
}

/** Compiles with a new optimizer each time. */
export function compile(model: tf.LayersModel): void {
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
}

/** What all training studies of the tests are given: 4 batches an epoch. */
export function tinyStudy(model: tf.LayersModel = tinyModel()) {
  return {
    model,
    compile,
    data: tinyData(64, 1),
    validation: tinyData(50, 2),
    batchSize: 16,
    epochs: 2,
  };
}

/** All records of a study. */
export async function recordsOf<T>(study: AsyncIterable<T>): Promise<T[]> {
  const records: T[] = [];
  for await (const record of study) records.push(record);
  return records;
}
