import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { plainActivations } from '../../../lib/plan/activations.ts';
import { compile } from '../../../lib/session/compile.ts';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { layersArtifacts } from '../../helpers/layers-artifacts.ts';
import { Random } from '../../helpers/random.ts';
import { relativeDifference } from '../../helpers/sessions.ts';

type Name = Parameters<typeof tf.layers.activation>[0]['activation'];

/** Classes of TensorFlow.js that are activations: the only ones whose names begin with a small letter. */
const registered = Object.keys(tf.serialization.SerializationMap.getMap().classNameMap).filter((name) =>
  /^[a-z]/.test(name),
) as Name[];

/** A plan's names are TensorFlow.js's but for two: `hardSigmoid6` is of Keras 3. */
const tfjsNames = plainActivations
  .filter((name) => name !== 'hardSigmoid6')
  .map((name) => (name === 'geluTanh' ? 'gelu_new' : name));

describe('activations', () => {
  it.each([...tfjsNames, 'softmax'])('%s as a layer equals TensorFlow.js', async (name) => {
    const layer = tf.layers.activation({ activation: name as Name, inputShape: [3, 4, 5] });
    const plan = await expectSameAsTfjs(tf.sequential({ layers: [layer] }), new Random());
    expect(plan.steps.length).toBe(name === 'linear' ? 0 : 1);
  });

  it.each(tfjsNames)('%s is fused into the layer before', async (name) => {
    const random = new Random();
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 9, inputShape: [6] }),
        tf.layers.activation({ activation: name as Name }),
      ],
    });
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    expect(plan.steps).toMatchObject([
      { op: 'matmul', activation: { type: name === 'gelu_new' ? 'geluTanh' : name } },
    ]);
  });

  it('ReLU, LeakyReLU, ELU and Softmax layers equal TensorFlow.js', async () => {
    const layers = [
      [tf.layers.reLU({ inputShape: [7] }), { type: 'relu' }],
      [tf.layers.reLU({ inputShape: [7], maxValue: 6 }), { type: 'relu6' }],
      [tf.layers.reLU({ inputShape: [7], maxValue: 1.5 }), { type: 'clamp', min: 0, max: 1.5 }],
      [tf.layers.leakyReLU({ inputShape: [7] }), { type: 'leakyRelu', alpha: 0.3 }],
      [tf.layers.leakyReLU({ inputShape: [7], alpha: 0.05 }), { type: 'leakyRelu', alpha: 0.05 }],
      [tf.layers.elu({ inputShape: [7] }), { type: 'elu' }],
      [tf.layers.softmax({ inputShape: [7] }), undefined],
    ] as const;
    for (const [layer, activation] of layers) {
      const plan = await expectSameAsTfjs(tf.sequential({ layers: [layer] }), new Random());
      expect(plan.steps).toMatchObject([activation ? { op: 'activation', activation } : { op: 'softmax' }]);
    }
  });

  it('softmax of a flattened map goes over all of it, of a map over its channels', async () => {
    const random = new Random();
    for (const layers of [
      [tf.layers.softmax({ axis: -1, inputShape: [2, 3, 4] })],
      [tf.layers.flatten({ inputShape: [2, 3, 4] }), tf.layers.softmax({ axis: 1 })],
    ]) {
      await expectSameAsTfjs(tf.sequential({ layers }), random);
    }
  });

  it('every activation that TensorFlow.js registers equals it, in a Dense layer and alone', async () => {
    const random = new Random();
    expect(registered.length).toBeGreaterThanOrEqual(16);
    for (const activation of registered) {
      const dense = tf.layers.dense({ units: 7, activation });
      await expectSessionRuns(modelOf(dense, [[5]], random), random);
      await expectSessionRuns(modelOf(tf.layers.activation({ activation }), [[3, 6]], random), random);
    }
  });

  it.each([
    ['a map', []],
    ['an array', [tf.layers.permute({ dims: [2, 1] })]],
  ])('the activation layers equal TensorFlow.js on %s', async (_, before) => {
    const random = new Random();
    for (const make of [
      () => tf.layers.elu(),
      () => tf.layers.thresholdedReLU({ theta: 0.7 }),
      () => tf.layers.leakyReLU({ alpha: 0.1 }),
      () => tf.layers.prelu({}),
      () => tf.layers.prelu({ sharedAxes: [1] }),
      () => tf.layers.prelu({ sharedAxes: [1, 2] }),
      () => tf.layers.softmax({ axis: -1 }),
    ]) {
      const x = tf.input({ shape: [4, 6] });
      const moved = before.reduce((y, layer) => layer.apply(y) as tf.SymbolicTensor, x as tf.SymbolicTensor);
      const model = tf.model({ inputs: x, outputs: make().apply(moved) as tf.SymbolicTensor });
      randomizeWeights(model, random);
      await expectSessionRuns(model, random);
    }
  });

  it('PReLU with a slope for each channel of a picture is one step', async () => {
    const random = new Random();
    const layer = tf.layers.prelu({ sharedAxes: [1, 2] });
    const session = await expectSessionRuns(modelOf(layer, [[4, 3, 5]], random), random);
    expect(session.describe().steps.map(({ op }) => op)).toEqual(['prelu']);
  });

  it('ELU and ReLU take the numbers that only Keras has', async () => {
    const layers = [
      { className: 'ELU', name: 'elu', config: { alpha: 0.5 }, inputs: ['x'] },
      { className: 'ReLU', name: 'relu', config: { negative_slope: 0.25, max_value: 2 }, inputs: ['x'] },
    ];
    const session = await compile(layersArtifacts({ x: [4] }, layers, ['elu', 'relu']));
    const { elu, relu } = session.run({ x: Float32Array.of(-2, -0.5, 1, 3) });
    expect([...relu!]).toEqual([-0.5, -0.125, 1, 2]);
    const wanted = Float32Array.of(0.5 * Math.expm1(-2), 0.5 * Math.expm1(-0.5), 1, 3);
    expect(relativeDifference(elu!, wanted)).toBeLessThanOrEqual(1e-6);
  });

  it('softmax goes over the axis that Keras names', async () => {
    const layers = [{ className: 'Softmax', name: 'soft', config: { axis: 1 }, inputs: ['x'] }];
    const session = await compile(layersArtifacts({ x: [2, 3] }, layers, ['soft']));
    const x = Float32Array.of(1, 2, 3, 1, 0, 5);
    const expected = tf.tidy(() => tf.transpose(tf.softmax(tf.transpose(tf.tensor2d(x, [2, 3])))).dataSync());
    const soft = session.run({ x }).soft!;
    expect(relativeDifference(soft, expected as Float32Array)).toBeLessThanOrEqual(1e-6);
  });
});
