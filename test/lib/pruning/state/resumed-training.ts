// A training of its own process: goes on from the state file when there is one, saves after every step, prints each step
// and in the end a digest of everything that was trained. Arguments: backend, variant, state file, steps.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import {
  dynamicSparsity,
  loadTrainingState,
  polynomialDecay,
  prune,
  saveTrainingState,
} from '../../../../lib/pruning.ts';
import { seededRandom } from '../../../../lib/sparse/random.ts';

const [backend, variant, file, steps] = process.argv.slice(2) as [string, string, string, string];
if (backend === 'tensorflow') await import('@tensorflow/tfjs-node');
else if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
else await import('@tensorflow/tfjs-backend-cpu');
tf.enableProdMode();
await tf.setBackend(backend);

const total = Number(steps);
const base = sequential({
  layers: [
    layers.dense({ name: 'first', units: 16, activation: 'tanh', inputShape: [8] }),
    layers.batchNormalization({ name: 'norm' }),
    layers.dense({ name: 'last', units: 4 }),
  ],
});
const random = seededRandom(7);
base.setWeights(
  base.getWeights().map((weight) =>
    tf.tensor(
      Float32Array.from({ length: weight.size }, () => random() - 0.3),
      weight.shape,
    ),
  ),
);
const schedule = polynomialDecay({
  initialSparsity: 0.2,
  finalSparsity: 0.8,
  beginStep: 1,
  endStep: total - 1,
  frequency: 2,
});
const variants: Record<string, () => LayersModel> = {
  global: () => prune(base, { schedule, scope: 'global', biases: true }),
  zhou: () => prune(base, { schedule, criterion: 'zhou:magnitude_increase' }),
  movement: () =>
    prune(base, { schedule, criterion: { type: 'movement', soft: true, lambda: 0.1, threshold: 0.49 } }),
  set: () =>
    dynamicSparsity(base, { method: 'set', sparsity: 0.6, updateEvery: 3, stopAtStep: total, seed: 5 }),
  rigl: () => dynamicSparsity(base, { method: 'rigl', sparsity: 0.6, updateEvery: 3, stopAtStep: total }),
};
const model = variants[variant]!();
model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });

let step = 0;
if (existsSync(file)) step = ((await loadTrainingState(model, file)).extra as { step: number }).step;
for (; step < total; ) {
  const next = seededRandom(step);
  const batch = (width: number) =>
    tf.tensor2d(
      Float32Array.from({ length: 8 * width }, () => next() - 0.5),
      [8, width],
    );
  const [x, y] = [batch(8), batch(4)];
  await model.trainOnBatch(x, y);
  tf.dispose([x, y]);
  step++;
  await saveTrainingState(model, file, { extra: { step } });
  console.log(`step ${step}`);
}
const digest = createHash('sha256');
for (const weight of [
  ...model.getWeights(),
  ...(await model.optimizer.getWeights()).map(({ tensor }) => tensor),
]) {
  digest.update(new Uint8Array(weight.dataSync().slice().buffer));
}
console.log(`digest ${digest.digest('hex')}`);
