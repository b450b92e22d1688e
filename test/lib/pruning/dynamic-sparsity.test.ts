import { describe, expect, it } from 'vitest';
import { cosineDropFraction, dropAndGrow } from '../../../lib/pruning/drop-grow.ts';
import {
  afterStep,
  type DynamicSparsityConfig,
  dynamicSparsity,
  maskGradients,
  stripPruning,
  updatePruningStep,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, leaks, prunedWeights, smallModel, snapshot, zerosOf } from './models.ts';

const config = (
  method: 'set' | 'rigl',
  rest: Partial<DynamicSparsityConfig> = {},
): DynamicSparsityConfig => ({
  method,
  sparsity: 0.5,
  distribution: 'uniform',
  updateEvery: 3,
  stopAtStep: 7,
  ...rest,
});
const masksOf = (model: tf.LayersModel) => prunedWeights(model).map((weight) => weight.readMask().slice());
const valuesOf = (model: tf.LayersModel) => prunedWeights(model).map((weight) => weight.readValues().slice());
const same = (a: Uint8Array[], b: Uint8Array[]) => a.map(String).join() === b.map(String).join();

onEveryBackend(() => {
  it.each(['set', 'rigl'] as const)(
    '%s exchanges connections at the updates only, in fit',
    async (method) => {
      const given = smallModel();
      const before = snapshot(given);
      const model = dynamicSparsity(given, config(method, { stopAtStep: 8, dropFraction: 1 }));
      const expected = zerosOf(model);
      expect(expected).toEqual([24, 12]);
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      const { x, y } = data(32);
      const masks = [masksOf(model)];
      const changed: number[] = [];
      const tensors: number[] = [];
      const follow = new tf.CustomCallback({
        onBatchEnd: async (batch) => {
          masks.push(masksOf(model));
          if (!same(masks.at(-1)!, masks.at(-2)!)) changed.push(batch + 1);
          for (const weight of prunedWeights(model)) {
            expect(leaks(weight, weight.readValues())).toBe(0);
            expect(weight.readMask().reduce((a, b) => a + b)).toBe(weight.variable.size / 2);
          }
          if (batch > 0) tensors.push(tf.memory().numTensors);
        },
      });
      await model.fit(x, y, {
        batchSize: 4,
        epochs: 1,
        verbose: 0,
        callbacks: [updatePruningStep(), follow],
      });
      // 8 batches: updates at steps 3 and 6, before step 8.
      expect(changed).toEqual([3, 6]);
      expect(new Set(tensors).size).toBe(1);
      expect(snapshot(given)).toEqual(before);
      const [a, b] = [model, stripPruning(model)].map((one) => [...(one.predict(x) as tf.Tensor).dataSync()]);
      expect(b).toEqual(a);
    },
  );

  it('grows by the dense gradient of that very step, which is then not taken', () => {
    const model = dynamicSparsity(smallModel(), config('rigl', { updateEvery: 2, stopAtStep: 4 }));
    const optimizer = tf.train.momentum(0.1, 0.9);
    afterStep(model, optimizer);
    const { x, y } = data(8);
    const loss = () =>
      tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor).asScalar();
    optimizer.minimize(loss);
    const [values, masks, biases] = [valuesOf(model), masksOf(model), snapshot(model)];
    const { value, grads } = tf.variableGrads(loss);
    const expected = prunedWeights(model).map(({ key, variable }, i) => {
      const growth = grads[variable.name]!.dataSync() as Float32Array;
      const fraction = cosineDropFraction(2, { initial: 0.3, endStep: 4 });
      return dropAndGrow({ key, weights: values[i]!, mask: masks[i]!, growth }, fraction);
    });
    optimizer.applyGradients(grads as Record<string, tf.Variable>);
    tf.dispose([value, grads]);
    expect(masksOf(model)).toEqual(expected.map(({ mask }) => mask));
    expect(valuesOf(model)).toEqual(expected.map(({ weights }) => weights));
    expect(expected.some(({ newlyGrown }) => newlyGrown.includes(1))).toBe(true);
    // No other weight moved either.
    expect(snapshot(model)[1]).toEqual(biases[1]);
    // A new connection begins with nothing in the optimizer.
    const { accumulations } = optimizer as unknown as { accumulations: { variable: tf.Variable }[] };
    const slot = accumulations.find(({ variable }) => variable.size === 48)!.variable.dataSync();
    expected[0]!.newlyGrown.forEach((bit, i) => {
      if (bit) expect(slot[i]).toBe(0);
    });
    optimizer.minimize(loss);
    const moved = valuesOf(model)[0]!;
    expect(expected[0]!.newlyGrown.some((bit, i) => bit === 1 && moved[i] !== 0)).toBe(true);
  });

  it('works in a loop with maskGradients, without leaving tensors', () => {
    const model = dynamicSparsity(smallModel(), config('rigl', { updateEvery: 1, stopAtStep: 100 }));
    const optimizer = tf.train.adam(0.01);
    const { x, y } = data(8);
    const tensors: number[] = [];
    const first = masksOf(model);
    for (let step = 0; step < 4; step++) {
      const { value, grads } = tf.variableGrads(() =>
        tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor).asScalar(),
      );
      optimizer.applyGradients(maskGradients(model, grads) as Record<string, tf.Variable>);
      afterStep(model, optimizer);
      tf.dispose([value, grads]);
      expect(zerosOf(model).map((zeros, i) => zeros >= [24, 12][i]!)).toEqual([true, true]);
      for (const weight of prunedWeights(model)) expect(leaks(weight, weight.readValues())).toBe(0);
      tensors.push(tf.memory().numTensors);
    }
    expect(same(masksOf(model), first)).toBe(false);
    expect(new Set(tensors.slice(1)).size).toBe(1);
  });
});

describe('dynamicSparsity', () => {
  it('takes the same masks for the same seed, others for another', () => {
    const [a, b, c] = [1, 1, 2].map((seed) =>
      masksOf(dynamicSparsity(smallModel(), config('set', { seed }))),
    );
    expect(same(a!, b!)).toBe(true);
    expect(same(a!, c!)).toBe(false);
  });

  it('shares the sparsity by erk where nothing is said', () => {
    const { distribution: _, ...rest } = config('set');
    expect(zerosOf(dynamicSparsity(smallModel(), rest))).toEqual([28, 8]);
  });

  it('says how RigL gets its gradients in a loop that never shows them', () => {
    const model = dynamicSparsity(smallModel(), config('rigl', { updateEvery: 1 }));
    const { x } = data(4);
    const step = () =>
      tf.dispose(tf.grad((t: tf.Tensor) => (model.apply(t, { training: true }) as tf.Tensor).sum())(x));
    step();
    expect(step).toThrowError(
      expect.objectContaining({
        code: 'ERR_SPARSE_SCHEDULE',
        message: expect.stringMatching(/step 1 .*maskGradients/),
      }),
    );
  });

  it('SET makes up for an update that nobody showed gradients for', () => {
    const model = dynamicSparsity(smallModel(), config('set', { updateEvery: 1 }));
    const { x } = data(4);
    const first = masksOf(model);
    for (let i = 0; i < 2; i++) {
      tf.dispose(tf.grad((t: tf.Tensor) => (model.apply(t, { training: true }) as tf.Tensor).sum())(x));
    }
    expect(same(masksOf(model), first)).toBe(false);
  });

  it('refuses a training in which no connection would ever be exchanged', async () => {
    const model = dynamicSparsity(smallModel(), config('set', { updateEvery: 100, stopAtStep: 1000 }));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    await expect(
      model.fit(x, y, { batchSize: 4, epochs: 2, verbose: 0, callbacks: updatePruningStep() }),
    ).rejects.toMatchObject({
      code: 'ERR_SPARSE_SCHEDULE',
      message: expect.stringMatching(/exchange.*4 steps.*updateEvery/),
    });
  });

  const refused: [string, unknown, string, RegExp][] = [
    ['no configuration', undefined, 'ERR_SPARSE_ARGUMENT', /dynamicSparsity/],
    ['another method', config('dst' as 'set'), 'ERR_SPARSE_OPTION', /dst/],
    ['a sparsity over 1', config('set', { sparsity: 1.5 }), 'ERR_SPARSE_OPTION', /sparsity/],
    ['a sparsity that is NaN', config('set', { sparsity: Number.NaN }), 'ERR_SPARSE_OPTION', /sparsity/],
    [
      'a structure: connections are exchanged one by one',
      config('set', { structure: { type: 'nm', keep: 2, of: 4 } } as never),
      'ERR_SPARSE_OPTION',
      /structure/,
    ],
    ['no step between updates', config('set', { updateEvery: 0 }), 'ERR_SPARSE_OPTION', /updateEvery/],
    ['a drop over 1', config('set', { dropFraction: 2 }), 'ERR_SPARSE_OPTION', /dropFraction/],
    ['an unknown layer', config('set', { distribution: { d9: 0.5 } }), 'ERR_SPARSE_OPTION', /d9/],
    ['a policy without layers', config('set', { policy: () => false }), 'ERR_SPARSE_MODEL', /prunable/],
  ];
  it.each(refused)('refuses %s and leaves the model as it was', (_what, given, code, message) => {
    const model = smallModel();
    const before = snapshot(model);
    const tensors = tf.memory().numTensors;
    expect(() => dynamicSparsity(model, given as never)).toThrowError(
      expect.objectContaining({ name: 'SparseError', code, message: expect.stringMatching(message) }),
    );
    expect(snapshot(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
