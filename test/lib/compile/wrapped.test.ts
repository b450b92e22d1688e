import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { constantSparsity, pruneLowMagnitude, updatePruningStep } from '../../../lib/pruning.ts';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { artifactsOf } from '../../helpers/artifacts.ts';
import { articleCnn, sharedModel } from '../../helpers/models.ts';
import { Random } from '../../helpers/random.ts';

/** The article's network in its pruning wrappers, trained for two batches. */
async function trainedWrapped(random: Random, compat: 'exact' | 'tfmot', biases = false) {
  const model = articleCnn();
  randomizeWeights(model, random);
  const pruningSchedule = constantSparsity({ targetSparsity: 0.8, frequency: 1 });
  const wrapped = pruneLowMagnitude(model, { pruningSchedule, compat, biases });
  wrapped.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const x = tf.tensor(random.floats(8 * 784), [8, 28, 28, 1]);
  const y = tf.tensor(random.floats(80), [8, 10]);
  await wrapped.fit(x, y, {
    batchSize: 4,
    epochs: 1,
    verbose: 0,
    shuffle: false,
    callbacks: updatePruningStep(),
  });
  return wrapped;
}

describe('a model in its pruning wrappers', () => {
  it.each(['exact', 'tfmot'] as const)('compiles like the layers inside, %s', async (compat) => {
    const random = new Random();
    const wrapped = await trainedWrapped(random, compat);
    const plan = await expectSameAsTfjs(wrapped, random);
    expect(plan.steps.map((step) => step.op)).toEqual(['conv2d', 'pool', 'alias', 'matmul']);
    const zeros = plan.tensors[Object.keys(plan.tensors).find((name) => name.includes('dense'))!]!.data;
    expect(zeros.filter((value) => value === 0).length / zeros.length).toBeCloseTo(0.8, 3);
  });

  it('compiles in a functional model with a shared layer', async () => {
    const random = new Random();
    const model = sharedModel();
    randomizeWeights(model, random);
    const pruningSchedule = constantSparsity({ targetSparsity: 0.5, frequency: 1 });
    const wrapped = pruneLowMagnitude(model, { pruningSchedule });
    const plan = await expectSameAsTfjs(wrapped, random);
    expect(plan.steps.map((step) => step.layer)).toEqual(['shared', 'one', 'shared', 'two']);
  });

  it('applies the mask of a pruned bias', async () => {
    const random = new Random();
    const plan = await expectSameAsTfjs(await trainedWrapped(random, 'exact', true), random);
    const bias = Object.entries(plan.tensors).find(
      ([name]) => name.includes('dense') && name.endsWith('bias'),
    )!;
    expect(bias[1].data.filter((value) => value === 0).length).toBe(8);
  });

  it("multiplies by the mask where the weights still hold an optimizer's step", async () => {
    const inner = tf.sequential({
      layers: [tf.layers.dense({ name: 'd', units: 2, inputShape: [2], useBias: false })],
    });
    const { modelTopology } = await artifactsOf(inner);
    const [layer] = (modelTopology as { config: { layers: { config: object }[] } }).config.layers;
    // As a converter writes TFMOT's wrapper: all weights under its name, the mask as float32.
    const wrapper = {
      class_name: 'PruneLowMagnitude',
      config: { name: 'w', layer: { ...layer, class_name: 'Dense' } },
    };
    const source = {
      modelTopology: { class_name: 'Sequential', config: { name: 'm', layers: [wrapper] } },
      weightSpecs: [
        { name: 'w/kernel', shape: [2, 2], dtype: 'float32' },
        { name: 'w/mask', shape: [2, 2], dtype: 'float32' },
        { name: 'w/threshold', shape: [], dtype: 'float32' },
        { name: 'w/pruning_step', shape: [], dtype: 'int32' },
      ],
      weightData: Float32Array.of(1, 2, 3, Number.NaN, 1, 1, 1, 0, 0.5, 0).buffer,
    };
    const plan = await lowerModel(source);
    expect([...plan.tensors['d/kernel']!.data]).toEqual([1, 3, 2, 0]);

    const short = source.weightSpecs.map((spec) => (spec.name === 'w/mask' ? { ...spec, shape: [2] } : spec));
    const weightData = source.weightData.slice(0, 32);
    await expect(lowerModel({ ...source, weightSpecs: short, weightData })).rejects.toMatchObject({
      code: 'ERR_SPARSE_SHAPE',
      layer: 'd',
      tensor: 'w/mask',
      expected: [2, 2],
      received: [2],
    });
  });

  it('refuses a wrapper without a layer', async () => {
    const wrapper = { class_name: 'PruneLowMagnitude', config: { name: 'w' } };
    const modelTopology = { class_name: 'Sequential', config: { name: 'm', layers: [wrapper] } };
    await expect(lowerModel({ modelTopology })).rejects.toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      message: expect.stringContaining('pruning wrapper "w"'),
    });
  });
});
