import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { artifactsOf, asKeras2, asKeras3 } from '../../helpers/artifacts.ts';
import { articleCnn, leNet, nestedModel, sharedModel } from '../../helpers/models.ts';
import { Random } from '../../helpers/random.ts';

const models = { articleCnn, softmaxCnn: () => articleCnn('softmax'), leNet, sharedModel, nestedModel };

describe.each(Object.entries(models))('lowering %s', (_, make) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lower-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives what TensorFlow.js predicts, whether live, from artifacts or from a file', async () => {
    const random = new Random();
    const model = make();
    randomizeWeights(model, random);
    const live = await expectSameAsTfjs(model, random);
    const memory = await expectSameAsTfjs(model, random, await artifactsOf(model));
    await model.save(`file://${folder}`);
    const file = await expectSameAsTfjs(model, random, path.join(folder, 'model.json'));
    expect(memory).toEqual(live);
    expect(file).toEqual(live);
    expect(live.inputs.map((port) => port.name)).toEqual(model.inputNames);
  });

  it('reads the dialects of Keras 2 and Keras 3', async () => {
    const random = new Random();
    const model = make();
    randomizeWeights(model, random);
    const artifacts = await artifactsOf(model);
    const live = await expectSameAsTfjs(model, random);
    expect((await expectSameAsTfjs(model, random, asKeras2(artifacts))).steps).toEqual(live.steps);
    expect((await expectSameAsTfjs(model, random, asKeras3(artifacts))).steps).toEqual(live.steps);
  });
});

describe('the plan of a model', () => {
  it("has the article's network in four steps", async () => {
    const plan = await lowerModel(articleCnn());
    expect(plan.steps).toMatchObject([
      { op: 'conv2d', n: 12, k: 9, activation: { type: 'relu' } },
      { op: 'pool', mode: 'max' },
      { op: 'alias' },
      { op: 'matmul', n: 10, k: 2028 },
    ]);
    const parameters = Object.values(plan.tensors).reduce((sum, tensor) => sum + tensor.data.length, 0);
    expect(parameters).toBe(20_410);
  });

  it('keeps a shared weight once', async () => {
    const plan = await lowerModel(sharedModel());
    expect(Object.keys(plan.tensors).sort()).toEqual([
      'one/bias',
      'one/kernel',
      'shared/bias',
      'shared/kernel',
      'two/bias',
      'two/kernel',
    ]);
  });

  it('computes only the outputs that are asked for', async () => {
    const plan = await lowerModel(sharedModel(), { outputs: ['two'] });
    expect(plan.outputs.map((port) => port.name)).toEqual(['two']);
    expect(plan.steps.map((step) => step.layer)).toEqual(['shared', 'two']);
    expect(plan.inputs.map((port) => port.name)).toEqual(['left', 'right']);
    await expect(lowerModel(sharedModel(), { outputs: ['three'] })).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      expected: ['one', 'two', 'shared'],
    });
  });

  it('names the layers of nested models by their path', async () => {
    const plan = await lowerModel(nestedModel());
    expect(plan.steps.map((step) => step.layer)).toContain(
      'encoder/inner_conv+encoder/block/block_bn+encoder/block/block_leak',
    );
  });
});
