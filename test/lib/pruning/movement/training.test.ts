import { describe, expect, it } from 'vitest';
import {
  constantSparsity,
  getSparsity,
  polynomialDecay,
  prune,
  stripPruning,
  updatePruningStep,
} from '../../../../lib/pruning.ts';
import { onEveryBackend, tf } from '../backends.ts';
import { data, prunedWeights, smallModel, snapshot } from '../models.ts';

const half = (frequency = 1) => constantSparsity({ targetSparsity: 0.5, frequency });
const zeros = (values: ArrayLike<number>) => Array.from(values).filter((value) => value === 0).length;

/** dL/dW' of a plain model, by the layer that the wrapper holds, at given kernels. */
function denseGradients(kernels: Float32Array[], biases: Float32Array[], x: tf.Tensor, y: tf.Tensor) {
  const plain = smallModel();
  plain.setWeights(
    plain.getWeights().map((weight, i) => tf.tensor((i % 2 ? biases : kernels)[i >> 1]!, weight.shape)),
  );
  const { grads } = tf.variableGrads(
    () => tf.losses.meanSquaredError(y, plain.apply(x, { training: true }) as tf.Tensor).asScalar(),
    plain.trainableWeights.map((weight) => weight.read() as tf.Variable),
  );
  return [0, 2].map((i) => grads[plain.trainableWeights[i]!.name]!.dataSync() as Float32Array);
}

onEveryBackend(() => {
  it('scores learn -rate · sum of dL/dW′ · W, of pruned weights too, and gradients reach kept weights only', async () => {
    const rate = 0.1;
    const model = prune(smallModel(), {
      schedule: half(),
      criterion: { type: 'movement', soft: false, scoreLearningRate: rate, scoreOptimizer: 'sgd' },
    });
    model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
    const { x, y } = data(8);
    const expected = [new Float32Array(48), new Float32Array(24)];
    for (let step = 0; step < 3; step++) {
      const before = prunedWeights(model).map((weight) => weight.readValues().slice());
      const biases = [1, 3].map(
        (i) => model.layers[i >> 1]!.getWeights()[1]!.dataSync().slice() as Float32Array,
      );
      await model.trainOnBatch(x, y);
      const masks = prunedWeights(model).map((weight) => weight.readMask().slice());
      const effective = before.map((values, w) => values.map((value, i) => value * masks[w]![i]!));
      const gradients = denseGradients(effective, biases, x, y);
      prunedWeights(model).forEach((weight, w) => {
        const after = weight.readValues();
        masks[w]!.forEach((bit, i) => {
          expected[w]![i]! -= rate * gradients[w]![i]! * before[w]![i]!;
          const moved = bit === 1 ? 0.05 * gradients[w]![i]! : 0;
          expect(after[i]).toBeCloseTo(before[w]![i]! - moved, 5);
        });
        weight.scores!.readScores().forEach((score, i) => {
          expect(score).toBeCloseTo(expected[w]![i]!, 5);
        });
      });
    }
  });

  it('masks the layer, not the weights: pruned ones keep their values and may come back; the strip has zeros', async () => {
    const given = smallModel();
    const before = snapshot(given);
    const model = prune(given, { schedule: half(), criterion: 'movement' });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const { x, y } = data(16);
    const tensors: number[] = [];
    const masks: string[] = [];
    const follow = new tf.CustomCallback({
      onBatchEnd: async (batch) => {
        if (batch > 0) tensors.push(tf.memory().numTensors);
        masks.push(String(prunedWeights(model)[0]!.readMask()));
      },
    });
    const callbacks = [updatePruningStep(), follow];
    await model.fit(x, y, { batchSize: 4, epochs: 1, shuffle: false, verbose: 0, callbacks });
    expect(new Set(tensors).size).toBe(1);
    expect(new Set(masks).size).toBeGreaterThan(1);
    expect(prunedWeights(model).map((weight) => zeros(weight.readValues()))).toEqual([0, 0]);
    expect(getSparsity(model).weights.map((weight) => weight.zeros)).toEqual([24, 12]);
    const stripped = stripPruning(model);
    expect(getSparsity(stripped)).toEqual(getSparsity(model));
    const [a, b] = [model, stripped].map((one) => [...(one.predict(x) as tf.Tensor).dataSync()]);
    expect(b).toEqual(a);
    expect(snapshot(given)).toEqual(before);
  });

  it('keeps what lies over the threshold in the soft form, fewer with a penalty', async () => {
    const trained = async (lambda: number) => {
      const model = prune(smallModel(), {
        schedule: polynomialDecay({
          initialSparsity: 0,
          finalSparsity: 0.5,
          beginStep: 1,
          endStep: 8,
          frequency: 1,
        }),
        criterion: { type: 'movement', soft: true, lambda, scoreLearningRate: 0.05 },
      });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const { x, y } = data(16);
      await model.fit(x, y, {
        batchSize: 2,
        epochs: 1,
        shuffle: false,
        verbose: 0,
        callbacks: updatePruningStep(),
      });
      for (const weight of prunedWeights(model)) {
        // The last masks were made before the last step of the scores.
        expect(weight.threshold.read().dataSync()[0]).toBeCloseTo(0.5, 6);
      }
      return getSparsity(model).total;
    };
    const [without, with1] = [await trained(0), await trained(100)];
    expect(without).toBeGreaterThan(0);
    expect(with1).toBeGreaterThan(without);
  });
});

describe('movement pruning', () => {
  it('begins by magnitude, where no score has been learned', async () => {
    const model = prune(smallModel(), { schedule: half(100), criterion: 'movement' });
    const magnitude = prune(smallModel(), { schedule: half(100) });
    for (const one of [model, magnitude])
      for (const layer of one.layers) (layer as unknown as { pruningStep: number }).pruningStep = 99;
    const { x } = data(2);
    const masks = [model, magnitude].map((one) => {
      tf.dispose(tf.grad((t: tf.Tensor) => (one.apply(t, { training: true }) as tf.Tensor).sum())(x));
      return prunedWeights(one).map((weight) => String(weight.readMask()));
    });
    expect(masks[0]).toEqual(masks[1]);
  });

  it.each(['input', 'output'] as const)(
    'ranks whole %ss by the mean of their scores, in any scope',
    async (type) => {
      for (const scope of ['layer', 'global'] as const) {
        const model = prune(smallModel(), {
          schedule: half(3),
          criterion: 'movement',
          structure: { type },
          scope,
        });
        model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        const { x, y } = data(8);
        for (let step = 0; step < 2; step++) await model.trainOnBatch(x, y);
        const means = prunedWeights(model).flatMap((weight) => {
          const [inputs, outputs] = weight.shape as [number, number];
          const scores = weight.scores!.readScores();
          return Array.from({ length: type === 'input' ? inputs : outputs }, (_, u) => {
            const own = [...scores].filter(
              (_s, i) => (type === 'input' ? Math.floor(i / outputs) : i % outputs) === u,
            );
            return { key: weight.key, u, mean: own.reduce((a, b) => a + b) / own.length };
          });
        });
        await model.trainOnBatch(x, y);
        const kept = prunedWeights(model).flatMap((weight) => {
          const [inputs, outputs] = weight.shape as [number, number];
          const mask = weight.readMask();
          return Array.from(
            { length: type === 'input' ? inputs : outputs },
            (_, u) => mask[type === 'input' ? u * outputs : u],
          );
        });
        const groups =
          scope === 'global'
            ? [means.map((_, i) => i)]
            : ['d1/kernel', 'd2/kernel'].map((key) =>
                means.flatMap((one, i) => (one.key === key ? [i] : [])),
              );
        for (const group of groups) {
          const best = [...group].sort((a, b) => means[b]!.mean - means[a]!.mean);
          const count = group.filter((i) => kept[i] === 1).length;
          expect(group.filter((i) => kept[i] === 1)).toEqual(best.slice(0, count).sort((a, b) => a - b));
        }
      }
    },
  );

  it('frees scores and their optimizer with the model', async () => {
    const given = smallModel();
    const { x, y } = data(4);
    const before = tf.memory().numTensors;
    const model = prune(given, { schedule: half(), criterion: 'movement' });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 1, verbose: 0, callbacks: updatePruningStep() });
    const stripped = stripPruning(model);
    stripped.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
