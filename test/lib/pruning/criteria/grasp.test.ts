import { describe, expect, it } from 'vitest';
import { graspScores } from '../../../../lib/pruning/criteria/grasp.ts';
import { gradientProducts } from '../../../../lib/pruning/criteria/snip.ts';
import { pruneOnce } from '../../../../lib/pruning/prune-once.ts';
import { onEveryBackend, tf } from '../backends.ts';
import { batchFor, classifier, contextFor, convolutional } from './live-models.ts';

/** w·(g(w + εv) - g(w - εv)) / 2ε with v = g, over the absolute sum: the same by differences of first gradients. */
async function byDifferences(model: tf.LayersModel, batch: ReturnType<typeof batchFor>): Promise<number[]> {
  const context = contextFor('grasp', model, [batch]);
  const { gradients } = await gradientProducts(context);
  const start = context.weights.map(({ variable }) => variable.read().clone());
  const largest = Math.max(...[...gradients.values()].flatMap((values) => [...values].map(Math.abs)));
  // So small that no maximum of a pool moves to another place.
  const epsilon = 5e-4 / largest;
  const at = async (sign: number) => {
    context.weights.forEach(({ key, variable }, i) => {
      const step = tf.tensor([...gradients.get(key)!], variable.shape as number[]).mul(sign * epsilon);
      variable.write(start[i]!.add(step));
    });
    return [...(await gradientProducts(context)).gradients.values()].flatMap((values) => [...values]);
  };
  const [up, down] = [await at(1), await at(-1)];
  context.weights.forEach(({ variable }, i) => {
    variable.write(start[i]!);
  });
  const weights = start.flatMap((weight) => [...weight.dataSync()]);
  const scores = weights.map((weight, i) => (weight * (up[i]! - down[i]!)) / (2 * epsilon));
  const sum = Math.abs(scores.reduce((a, b) => a + b, 0));
  return scores.map((score) => score / sum);
}

onEveryBackend((backend) => {
  const models = backend === 'wasm' ? [classifier] : [classifier, convolutional];
  it.each(models.map((make) => [make.name, make] as const))(
    'agrees with differences of gradients (%s)',
    async (_, make) => {
      const model = make();
      const batch = batchFor(model, 6);
      const { scores } = await graspScores(contextFor('grasp', model, [batch], { temperature: 1 }));
      const received = [...scores.values()].flatMap((values) => [...values]);
      const expected = await byDifferences(model, batch);
      const largest = Math.max(...expected.map(Math.abs));
      received.forEach((score, i) => {
        expect(Math.abs(score - expected[i]!) / largest).toBeLessThan(0.005);
      });
    },
  );

  it('leaves no tensor and no gradient of its own behind', async () => {
    const model = classifier();
    const data = [batchFor(model, 6)];
    const run = async () =>
      (await pruneOnce(model, { sparsity: 0.5, criterion: 'grasp', data })).model.dispose();
    await run();
    const { numTensors } = tf.memory();
    const before = tf.getGradient('Tanh');
    await run();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.getGradient('Tanh')).toBe(before);
    expect(tf.getGradient('MaxPoolGrad')).toBeFalsy();
  });
});

describe('graspScores', () => {
  it('divides the logits of a softmax by 200 unless told otherwise', async () => {
    const model = classifier();
    const batch = batchFor(model, 6);
    const of = async (options: { temperature?: number } = {}) => {
      const { scores } = await graspScores(contextFor('grasp', model, [batch], options));
      return [...scores.values()].map((values) => [...values]);
    };
    expect(await of()).toEqual(await of({ temperature: 200 }));
    expect(await of()).not.toEqual(await of({ temperature: 1 }));
  });

  it('refuses an operation whose second derivative TensorFlow.js gets wrong', async () => {
    const model = classifier();
    const loss = (y: tf.Tensor, p: tf.Tensor) => tf.losses.softmaxCrossEntropy(y, p);
    const scoring = graspScores(contextFor('grasp', model, [batchFor(model, 6)], { loss }));
    await expect(scoring).rejects.toMatchObject({ code: 'ERR_SPARSE_UNSUPPORTED_LAYER' });
  });
});
