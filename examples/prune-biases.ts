// Pruning kernels alone, and biases with them: what each costs on a small problem.
// npx tsx examples/prune-biases.ts
import * as tf from '@tensorflow/tfjs-node';
// in a project of your own: 'tfjs-sparse/pruning'
import {
  getSparsity,
  polynomialDecay,
  pruneLowMagnitude,
  stripPruning,
  updatePruningStep,
} from '../lib/pruning.ts';

const [rows, batchSize, epochs] = [512, 64, 15];
const x = tf.randomUniform([rows, 2], -1, 1, 'float32', 1);
// Inside a ring or outside of it: without biases no line can be drawn away from the origin.
const y = tf.tidy(() => {
  const radius = tf.norm(x, 'euclidean', 1);
  return tf.logicalAnd(tf.greater(radius, 0.4), tf.less(radius, 0.8)).toFloat().expandDims(1);
});

function makeModel(): tf.Sequential {
  const dense = (units: number, seed: number, activation: 'relu' | 'sigmoid', more = {}) =>
    tf.layers.dense({
      units,
      activation,
      kernelInitializer: tf.initializers.glorotUniform({ seed }),
      ...more,
    });
  return tf.sequential({
    layers: [
      dense(32, 1, 'relu', { name: 'first', inputShape: [2] }),
      dense(32, 2, 'relu', { name: 'second' }),
      dense(1, 3, 'sigmoid', { name: 'last' }),
    ],
  });
}

const compile = (model: tf.LayersModel) =>
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'binaryCrossentropy', metrics: ['accuracy'] });

async function train(model: tf.LayersModel, callbacks: tf.CustomCallback[] = []): Promise<void> {
  compile(model);
  await model.fit(x, y, { batchSize, epochs, shuffle: false, verbose: 0, callbacks });
}

function accuracyOf(model: tf.LayersModel): string {
  compile(model);
  const [, accuracy] = model.evaluate(x, y, { batchSize: rows }) as tf.Scalar[];
  return `${(100 * accuracy!.dataSync()[0]!).toFixed(1)} %`;
}

const baseline = makeModel();
await train(baseline);
const schedule = () =>
  polynomialDecay({ initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 120, frequency: 12 });

const results = [
  { pruned: 'nothing', 'zeros in kernels': 0, 'zeros in biases': 0, accuracy: accuracyOf(baseline) },
];
for (const biases of [false, true]) {
  const model = pruneLowMagnitude(baseline, { pruningSchedule: schedule(), biases });
  await train(model, [updatePruningStep()]);
  const { weights } = getSparsity(model);
  const zeros = (name: string) => weights.filter((w) => w.name === name).reduce((sum, w) => sum + w.zeros, 0);
  results.push({
    pruned: biases ? 'kernels and biases' : 'kernels',
    'zeros in kernels': zeros('kernel'),
    'zeros in biases': zeros('bias'),
    accuracy: accuracyOf(stripPruning(model)),
  });
}
console.log(
  'a network of 2-32-32-1 (1,120 kernel weights, 65 biases), half of each pruned in 15 more epochs',
);
console.table(results);
