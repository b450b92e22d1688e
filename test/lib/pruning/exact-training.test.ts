import { describe, expect, it } from 'vitest';
import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import {
  afterStep,
  constantSparsity,
  maskGradients,
  polynomialDecay,
  pruneLowMagnitude,
  stripPruning,
  updatePruningStep,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, leaks, prunedWeights, smallModel, snapshot, zerosOf } from './models.ts';

const optimizers: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  nesterov: () => tf.train.momentum(0.1, 0.9, true),
  adam: () => tf.train.adam(0.01),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.9),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  adamax: () => tf.train.adamax(0.01),
};

/** Every slot of the optimizer whose shape is that of a pruned weight, with the weight. */
function slotsOf(optimizer: tf.Optimizer, model: tf.LayersModel): [number[], number][] {
  const slots = Object.values(optimizer).filter(
    (field): field is { variable: tf.Variable }[] => Array.isArray(field) && field[0]?.variable !== undefined,
  );
  return prunedWeights(model).flatMap((weight) =>
    slots.flatMap((list) =>
      list
        .filter(({ variable }) => tf.util.arraysEqual(variable.shape, weight.variable.shape))
        .map(({ variable }): [number[], number] => {
          const values = [...variable.dataSync()];
          return [values, leaks(weight, values)];
        }),
    ),
  );
}

const schedule = () =>
  polynomialDecay({ initialSparsity: 0.25, finalSparsity: 0.75, beginStep: 1, endStep: 5, frequency: 2 });
const expected = (s: number) => [48 * s, 24 * s];

onEveryBackend(() => {
  describe.each(Object.entries(optimizers))('%s', (name, makeOptimizer) => {
    it('leaves exact zeros and masked slots after every step of fit, and no tensors', async () => {
      const model = pruneLowMagnitude(smallModel(), { pruningSchedule: schedule() });
      const optimizer = makeOptimizer();
      model.compile({ optimizer, loss: 'meanSquaredError' });
      const { x, y } = data(24);
      const counts: number[][] = [];
      const tensors: number[] = [];
      const follow = new tf.CustomCallback({
        onBatchEnd: async () => {
          counts.push(zerosOf(model));
          for (const weight of prunedWeights(model))
            expect(leaks(weight, weight.variable.dataSync())).toBe(0);
          const slots = slotsOf(optimizer, model);
          if (name !== 'sgd') expect(slots.length).toBeGreaterThan(0);
          for (const [values, leaking] of slots) {
            expect(leaking).toBe(0);
            expect(values.some((value) => value !== 0)).toBe(true);
          }
          tensors.push(tf.memory().numTensors);
        },
      });
      await model.fit(x, y, {
        batchSize: 4,
        epochs: 1,
        verbose: 0,
        callbacks: [updatePruningStep(), follow],
      });
      // Sparsities of steps 1, 3 and 5 at power 3: .25, .6875, .75.
      expect(counts).toEqual([
        expected(0.25),
        expected(0.25),
        [33, 16],
        [33, 16],
        expected(0.75),
        expected(0.75),
      ]);
      expect(new Set(tensors.slice(1)).size).toBe(1);
    });
  });

  it('leaves exact zeros after trainOnBatch, without a callback', async () => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
    });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    const tensors: number[] = [];
    for (let step = 1; step <= 4; step++) {
      await model.trainOnBatch(x, y);
      expect(zerosOf(model)).toEqual(expected(0.5));
      for (const [, leaking] of slotsOf(model.optimizer, model)) expect(leaking).toBe(0);
      tensors.push(tf.memory().numTensors);
    }
    expect(new Set(tensors.slice(1)).size).toBe(1);
    expect(findWrappers(model).map(({ pruningStep }) => pruningStep)).toEqual([4, 4]);
  });

  it.each(['minimize', 'variableGrads'])('leaves exact zeros in a custom loop with %s', async (way) => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
    });
    const optimizer = tf.train.adam(0.01);
    const { x, y } = data(8);
    const loss = () =>
      tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor).asScalar();
    const tensors: number[] = [];
    for (let step = 0; step < 4; step++) {
      if (way === 'minimize') {
        optimizer.minimize(loss);
      } else {
        const { value, grads } = tf.variableGrads(loss);
        const whole = prunedWeights(model).map((weight) =>
          leaks(weight, grads[weight.variable.name]!.dataSync()),
        );
        expect(Math.min(...whole)).toBeGreaterThan(0);
        const masked = maskGradients(model, grads);
        for (const weight of prunedWeights(model)) {
          expect(leaks(weight, masked[weight.variable.name]!.dataSync())).toBe(0);
        }
        optimizer.applyGradients(masked as Record<string, tf.Variable>);
        tf.dispose([value, grads]);
      }
      expect(zerosOf(model)).toEqual(expected(0.5));
      afterStep(model, optimizer);
      expect(zerosOf(model)).toEqual(expected(0.5));
      const slots = slotsOf(optimizer, model);
      expect(slots.length).toBeGreaterThan(0);
      for (const [, leaking] of slots) expect(leaking).toBe(0);
      tensors.push(tf.memory().numTensors);
    }
    expect(new Set(tensors.slice(1)).size).toBe(1);
  });

  it('keeps zeros when weights are set from outside, NaN and Infinity included', () => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
    });
    const { x } = data(2);
    tf.dispose(tf.grad((t: tf.Tensor) => (model.apply(t, { training: true }) as tf.Tensor).sum())(x));
    const [weight] = prunedWeights(model);
    weight!.variable.assign(tf.fill([6, 8], Number.NaN));
    expect([...weight!.variable.dataSync()].filter(Number.isNaN)).toHaveLength(24);
    expect(leaks(weight!, weight!.variable.dataSync())).toBe(0);
    weight!.variable.assign(tf.fill([6, 8], Number.POSITIVE_INFINITY));
    expect(leaks(weight!, weight!.variable.dataSync())).toBe(0);
  });

  it('makes +0 of a pruned entry whatever the gradient is, by the mask of the moment', async () => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: polynomialDecay({
        initialSparsity: 0.25,
        finalSparsity: 0.75,
        beginStep: 1,
        endStep: 2,
        frequency: 1,
      }),
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    const [weight] = prunedWeights(model);
    const { name } = weight!.variable;
    for (const kept of [48, 36, 12]) {
      for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, -1]) {
        const gradient = maskGradients(model, { [name]: tf.fill([6, 8], value) })[name]!;
        const values = [...gradient.dataSync()];
        expect(values.filter((one) => Object.is(one, value))).toHaveLength(kept);
        expect(values.filter((one) => Object.is(one, 0))).toHaveLength(48 - kept);
        expect(leaks(weight!, values)).toBe(0);
        gradient.dispose();
      }
      if (kept > 12) await model.trainOnBatch(x, y);
    }
  });

  it('leaves the given model as it was', async () => {
    const given = smallModel();
    const before = snapshot(given);
    const model = pruneLowMagnitude(given, {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
    });
    expect(snapshot(model).slice(0, 2)).toEqual(before.slice(0, 2));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    await model.fit(x, y, { epochs: 2, verbose: 0, callbacks: updatePruningStep() });
    expect(snapshot(given)).toEqual(before);
    expect(given.layers.every((layer) => layer.inboundNodes.length === 1)).toBe(true);
    model.dispose();
    expect(snapshot(given)).toEqual(before);
  });

  it('counts a shared layer once per batch', async () => {
    const [a, b] = [tf.input({ shape: [6] }), tf.input({ shape: [6] })];
    const shared = tf.layers.dense({ units: 4 });
    const sum = tf.layers
      .add()
      .apply([shared.apply(a), shared.apply(b)] as tf.SymbolicTensor[]) as tf.SymbolicTensor;
    const model = pruneLowMagnitude(tf.model({ inputs: [a, b], outputs: sum }), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, beginStep: 1, frequency: 2 }),
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(6, 6, 4);
    await model.fit([x, x], y, { batchSize: 2, epochs: 1, verbose: 0, callbacks: updatePruningStep() });
    expect(findWrappers(model).map(({ pruningStep }) => pruningStep)).toEqual([3, 3]);
    expect(zerosOf(model)).toEqual([12]);
  });

  it('reopens weights when the sparsity falls', async () => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: polynomialDecay({
        initialSparsity: 0.75,
        finalSparsity: 0.25,
        beginStep: 1,
        endStep: 3,
        power: 1,
        frequency: 1,
      }),
    });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    const masked = () =>
      prunedWeights(model).map((weight) => weight.readMask().filter((keep) => keep === 0).length);
    await model.trainOnBatch(x, y);
    expect(zerosOf(model)).toEqual(expected(0.75));
    const [, last] = prunedWeights(model);
    const before = last!.variable.dataSync().slice();
    await model.trainOnBatch(x, y);
    await model.trainOnBatch(x, y);
    expect(masked()).toEqual(expected(0.25));
    const reopened = [...last!.variable.dataSync()].filter((value, i) => before[i] === 0 && value !== 0);
    expect(reopened.length).toBeGreaterThan(0);
  });
});

describe('optimizers', () => {
  it('refuses a centered RMSProp before the first step', async () => {
    const model = pruneLowMagnitude(smallModel(), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
    });
    const optimizer = tf.train.rmsprop(0.01, 0.9, 0, undefined, true);
    expect(() => model.compile({ optimizer, loss: 'meanSquaredError' })).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_OPTION', message: expect.stringContaining('centered') }),
    );
  });

  it('keeps the weights of two models trained by one optimizer apart', async () => {
    const make = () =>
      pruneLowMagnitude(smallModel(), {
        pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
      });
    const [first, second] = [make(), make()];
    const optimizer = tf.train.sgd(0.1);
    first.compile({ optimizer, loss: 'meanSquaredError' });
    second.compile({ optimizer, loss: 'meanSquaredError' });
    const { x, y } = data(8);
    await first.trainOnBatch(x, y);
    await second.trainOnBatch(x, y);
    expect([...zerosOf(first), ...zerosOf(second)]).toEqual([24, 12, 24, 12]);
  });
});

describe('a weight that is NaN', () => {
  it('stops the update and is named', async () => {
    const given = smallModel();
    given.layers[1]!.setWeights([tf.fill([8, 3], Number.NaN), tf.zeros([3])]);
    const model = pruneLowMagnitude(given, {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    await expect(model.trainOnBatch(x, y)).rejects.toMatchObject({
      code: 'ERR_SPARSE_NAN',
      message: expect.stringContaining('kernel of layer "d2"'),
    });
  });
});

describe('afterStep and maskGradients', () => {
  it('leave a model without pruning and foreign gradients alone', () => {
    const plain = smallModel();
    const before = snapshot(plain);
    const grads = { other: tf.ones([2]) };
    expect(maskGradients(plain, grads)).toEqual({ other: grads.other });
    afterStep(plain);
    expect(snapshot(plain)).toEqual(before);
  });

  it('refuse what is no model', () => {
    const refusal = expect.objectContaining({ code: 'ERR_SPARSE_MODEL' });
    expect(() => afterStep({} as never)).toThrowError(refusal);
    expect(() => maskGradients(undefined as never, {})).toThrowError(refusal);
  });
});

it('disposing the pruned and the stripped model frees all that they hold, and nothing else', async () => {
  const given = smallModel();
  const { x, y } = data(4);
  const before = tf.memory().numTensors;
  const model = pruneLowMagnitude(given, {
    pruningSchedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }),
  });
  // An optimizer that is given by its name belongs to the model, and goes with it.
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: updatePruningStep() });
  const stripped = stripPruning(model);
  stripped.dispose();
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(snapshot(given)).toHaveLength(4);
});
