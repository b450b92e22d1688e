import * as tf from '@tensorflow/tfjs-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { UnsupportedLayerError } from '../../../lib/errors.ts';
import { compile } from '../../../lib/session/compile.ts';
import { expectSameAsTfjs, randomizeWeights } from '../../helpers/against-tfjs.ts';
import { artifactsOf, rewrite } from '../../helpers/artifacts.ts';
import { expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { layersArtifacts } from '../../helpers/layers-artifacts.ts';
import { Random } from '../../helpers/random.ts';
import { rejection } from '../../helpers/sessions.ts';

type Pair = [number, number];

/** A kernel size, strides and dilations that TensorFlow.js accepts together. */
function randomWindow(random: Random, isDepthwise = false) {
  const pair = (high: number): Pair => {
    const first = random.integer(1, high);
    return [first, isDepthwise ? first : random.integer(1, high)];
  };
  const kernelSize = pair(4);
  const padding = random.pick(['same', 'valid'] as const);
  // Strides and dilations above 1 exclude each other in TensorFlow.
  const isDilated = !isDepthwise && random.next() < 0.3;
  return isDilated
    ? { kernelSize, padding, dilationRate: pair(2) }
    : { kernelSize, padding, strides: pair(3) };
}

describe('Conv2D', () => {
  it('equals TensorFlow.js on random windows, strides, dilations and paddings', async () => {
    const random = new Random();
    for (let i = 0; i < 16; i++) {
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({
            ...randomWindow(random),
            filters: random.integer(1, 6),
            inputShape: [random.integer(7, 12), random.integer(7, 12), random.integer(1, 4)],
            useBias: random.next() < 0.5,
            activation: random.pick(['linear', 'relu', 'softmax'] as const),
          }),
        ],
      });
      randomizeWeights(model, random);
      await expectSameAsTfjs(model, random);
    }
  });

  it('becomes a matmul where it has one tap and visits every position', async () => {
    const random = new Random();
    const model = tf.sequential({
      layers: [tf.layers.conv2d({ filters: 5, kernelSize: 1, inputShape: [4, 3, 6], activation: 'relu6' })],
    });
    randomizeWeights(model, random);
    const plan = await expectSameAsTfjs(model, random);
    expect(plan.steps).toMatchObject([{ op: 'matmul', n: 5, k: 6, activation: { type: 'relu6' } }]);
  });
});

describe('a Conv2D with groups, as Keras writes it', () => {
  const weights = (perGroup: number) => [
    { name: 'conv/kernel', shape: [3, 3, perGroup, 6], values: new Float32Array(9 * perGroup * 6) },
  ];
  const config = { filters: 6, kernel_size: [3, 3], groups: 2, use_bias: false };
  const layers = [{ className: 'Conv2D', name: 'conv', config, inputs: ['x'] }];
  const model = (perGroup: number) => layersArtifacts({ x: [5, 5, 4] }, layers, ['conv'], weights(perGroup));

  it('TensorFlow.js takes for one without, and does not load its weights', async () => {
    const load = (perGroup: number) => tf.loadLayersModel(tf.io.fromMemory(model(perGroup) as never));
    await expect(load(2)).rejects.toThrow(/shape/i);
    const loaded = await load(4);
    expect(loaded.getWeights()[0]!.shape).toEqual([3, 3, 4, 6]);
  });

  it('is refused with that reason, and with what to do', async () => {
    const error = (await rejection(compile(model(2)))) as UnsupportedLayerError;
    expect(error).toBeInstanceOf(UnsupportedLayerError);
    expect(error.layers[0]!.advice).toMatch(
      /groups = 2: .* cannot load this one either; convert the model to a GraphModel/,
    );
  });
});

describe('SeparableConv2D', () => {
  // tfjs-node has no dilated depthwise convolution.
  beforeAll(() => tf.setBackend('cpu'));
  afterAll(() => tf.setBackend('tensorflow'));

  it('equals TensorFlow.js on random windows, strides, dilations and multipliers', async () => {
    const random = new Random();
    for (let i = 0; i < 12; i++) {
      const size = random.integer(1, 3);
      const depthMultiplier = random.integer(1, 3);
      const layer = tf.layers.separableConv2d({
        filters: random.integer(1, 6),
        kernelSize: size,
        padding: random.pick(['same', 'valid'] as const),
        depthMultiplier,
        useBias: random.next() < 0.5,
        activation: random.pick(['linear', 'relu'] as const),
        ...(random.next() < 0.4 ? { dilationRate: 2 } : { strides: random.integer(1, 3) }),
      });
      const shape = [random.integer(7, 12), random.integer(7, 12), random.integer(1, 4)];
      const model = modelOf(layer, [shape], random);
      // TensorFlow.js leaves the multiplier out of the configuration, Keras writes it.
      const { modelTopology, ...artifacts } = await artifactsOf(model);
      const complete = rewrite(modelTopology, (object) =>
        'depthwise_initializer' in object ? { ...object, depth_multiplier: depthMultiplier } : object,
      );
      await expectSessionRuns(model, random, { source: { ...artifacts, modelTopology: complete as object } });
    }
  });
});

describe('Conv2DTranspose', () => {
  it('equals TensorFlow.js on random windows, strides and paddings', async () => {
    const random = new Random();
    for (let i = 0; i < 16; i++) {
      const layer = tf.layers.conv2dTranspose({
        filters: random.integer(1, 5),
        kernelSize: [random.integer(1, 4), random.integer(1, 4)],
        strides: [random.integer(1, 3), random.integer(1, 3)],
        padding: random.pick(['same', 'valid'] as const),
        useBias: random.next() < 0.5,
        activation: random.pick(['linear', 'relu', 'sigmoid'] as const),
      });
      const shape = [random.integer(2, 7), random.integer(2, 7), random.integer(1, 4)];
      await expectSessionRuns(modelOf(layer, [shape], random), random);
    }
  });
});

describe('DepthwiseConv2D', () => {
  it('equals TensorFlow.js on random windows and multipliers', async () => {
    const random = new Random();
    for (let i = 0; i < 12; i++) {
      const model = tf.sequential({
        layers: [
          tf.layers.depthwiseConv2d({
            ...randomWindow(random, true),
            depthMultiplier: random.integer(1, 3),
            inputShape: [random.integer(7, 12), random.integer(7, 12), random.integer(1, 4)],
            useBias: random.next() < 0.5,
            activation: random.pick(['linear', 'relu'] as const),
          }),
        ],
      });
      randomizeWeights(model, random);
      await expectSameAsTfjs(model, random);
    }
  });

  it('refuses a dilation, which TensorFlow.js ignores', async () => {
    const model = tf.sequential({
      layers: [tf.layers.depthwiseConv2d({ kernelSize: 2, dilationRate: 2, inputShape: [5, 5, 2] })],
    });
    await expect(lowerModel(model)).rejects.toThrow(/dilationRate = \[2,2\]: TensorFlow.js 4.22 ignores it/);
    const plain = tf.sequential({
      layers: [tf.layers.depthwiseConv2d({ kernelSize: 2, inputShape: [5, 5, 2] })],
    });
    plain.setWeights(model.getWeights());
    const x = tf.randomNormal([2, 5, 5, 2]);
    const [ignored, wanted] = [model, plain].map((m) => (m.predict(x) as tf.Tensor).dataSync());
    expect([...ignored!]).toEqual([...wanted!]);
  });
});
