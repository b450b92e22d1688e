import { expect, it } from 'vitest';
import {
  afterStep,
  constantSparsity,
  prune,
  pruneLowMagnitude,
  stripPruning,
  updatePruningStep,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, leaks, prunedWeights, smallModel, snapshot } from './models.ts';

const half = () => constantSparsity({ targetSparsity: 0.5, frequency: 1 });
const leaking = (model: tf.LayersModel) =>
  prunedWeights(model).map((weight) => leaks(weight, weight.variable.dataSync()));

/** An optimizer of one's own, which does not leave a zero alone. */
class Noisy extends tf.SGDOptimizer {
  static override get className(): string {
    return 'Noisy';
  }
  override applyGradients(gradients: Parameters<tf.SGDOptimizer['applyGradients']>[0]): void {
    super.applyGradients(gradients);
    const names = Array.isArray(gradients) ? gradients.map(({ name }) => name) : Object.keys(gradients);
    for (const name of names) {
      const variable = tf.engine().registeredVariables[name]!;
      tf.tidy(() => variable.assign(tf.add(tf.mul(variable, 0.99), 0.001) as tf.Variable));
    }
  }
}

onEveryBackend(() => {
  it('zeros stay zero under L1 and L2 regularizers', async () => {
    const given = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 8,
          inputShape: [6],
          kernelRegularizer: tf.regularizers.l1l2({ l1: 0.1, l2: 0.1 }),
        }),
        tf.layers.dense({ units: 3, kernelRegularizer: 'l1l2' }),
      ],
    });
    const model = prune(given, { schedule: half() });
    model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'meanSquaredError' });
    const { x, y } = data(8);
    for (let step = 0; step < 4; step++) {
      await model.trainOnBatch(x, y);
      expect(leaking(model)).toEqual([0, 0]);
    }
  });

  it('zeros stay zero under a decay of one’s own, and an optimizer that adds to every weight', async () => {
    const model = prune(smallModel(), { schedule: half() });
    model.compile({ optimizer: new Noisy(0.1), loss: 'meanSquaredError' });
    const { x, y } = data(8);
    for (let step = 0; step < 3; step++) {
      await model.trainOnBatch(x, y);
      expect(leaking(model)).toEqual([0, 0]);
      for (const { variable } of prunedWeights(model)) {
        tf.tidy(() => variable.assign(tf.sub(tf.mul(variable, 0.9), 0.01) as tf.Variable));
      }
      expect(leaking(model)).toEqual([0, 0]);
      afterStep(model);
      expect(leaking(model)).toEqual([0, 0]);
    }
  });
});

it('refuses to train a model in which no wrapped layer has a prunable weight', async () => {
  const given = tf.sequential({
    layers: [tf.layers.dense({ name: 'd', units: 3, inputShape: [6] }), tf.layers.reLU({ name: 'r' })],
  });
  const model = pruneLowMagnitude(given, { pruningSchedule: half(), policy: ({ name }) => name === 'r' });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { x, y } = data(4);
  await expect(model.fit(x, y, { verbose: 0, callbacks: updatePruningStep() })).rejects.toMatchObject({
    code: 'ERR_SPARSE_MODEL',
    message: expect.stringMatching(/prune_low_magnitude_r.*nothing would be pruned/),
  });
});

it('strips a TFMOT model to one that shares its variables with the given model', async () => {
  const given = smallModel();
  const model = pruneLowMagnitude(given, { pruningSchedule: half(), compat: 'tfmot' });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { x, y } = data(8);
  await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: updatePruningStep() });
  const stripped = stripPruning(model);
  expect(stripped.layers).toEqual(given.layers);
  const variables = (one: tf.LayersModel) => one.weights.map((weight) => weight.read());
  expect(variables(stripped).every((variable, i) => variable === variables(given)[i])).toBe(true);
  // Each model holds its layers: disposing two of them leaves the third whole.
  const before = snapshot(given);
  stripped.dispose();
  model.dispose();
  expect(snapshot(given)).toEqual(before);
  given.dispose();
});
