import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { compile } from '../../../lib/session/compile.ts';
import { expectLayerRuns, expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { layersArtifacts } from '../../helpers/layers-artifacts.ts';
import { Random } from '../../helpers/random.ts';

type Margins = [[number, number], [number, number]];

/** Height, width and channels. */
const shapeOf = (random: Random) => [random.integer(5, 9), random.integer(5, 9), random.integer(1, 4)];

function margins(random: Random): Margins {
  const pair = (): [number, number] => [random.integer(0, 2), random.integer(0, 2)];
  return [pair(), pair()];
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

describe('layers that move pictures', () => {
  it('ZeroPadding2D equals TensorFlow.js on random margins, also where one number stands for several', async () => {
    const random = new Random();
    for (const padding of [
      1,
      [1, 2] as [number, number],
      ...Array.from({ length: 6 }, () => margins(random)),
    ])
      await expectSessionRuns(
        modelOf(tf.layers.zeroPadding2d({ padding }), [shapeOf(random)], random),
        random,
      );
  });

  it('Cropping2D equals TensorFlow.js on random margins', async () => {
    const random = new Random();
    for (let i = 0; i < 8; i++) {
      const layer = tf.layers.cropping2D({ cropping: margins(random) });
      await expectSessionRuns(modelOf(layer, [shapeOf(random)], random), random);
    }
  });

  it('a cropping that leaves nothing is refused by name', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.cropping2D({
          name: 'crop',
          cropping: [
            [2, 2],
            [1, 1],
          ],
          inputShape: [4, 4, 1],
        }),
      ],
    });
    await expect(lowerModel(model)).rejects.toMatchObject({ code: 'ERR_SPARSE_SHAPE', layer: 'crop' });
  });

  it.each(['nearest', 'bilinear'] as const)(
    'UpSampling2D, %s, equals TensorFlow.js',
    async (interpolation) => {
      const random = new Random();
      for (const size of [
        [2, 2],
        [3, 1],
        [1, 4],
        [5, 3],
      ] as [number, number][]) {
        const layer = tf.layers.upSampling2d({ size, interpolation });
        await expectSessionRuns(modelOf(layer, [shapeOf(random)], random), random);
      }
    },
  );

  it.each(['nearest', 'bilinear'] as const)('Resizing, %s, equals TensorFlow.js', async (interpolation) => {
    const random = new Random();
    for (let i = 0; i < 8; i++) {
      const [height, width] = [random.integer(2, 15), random.integer(2, 15)];
      const args = { height, width, interpolation, cropToAspectRatio: random.next() < 0.5 };
      const shape = shapeOf(random);
      const x = random.floats(2 * size(shape));
      await expectLayerRuns(tf.layers.resizing(args), shape, x, `SEED=${random.seed}`);
    }
  });

  it('CenterCrop equals TensorFlow.js, also where the picture is smaller', async () => {
    const random = new Random();
    for (let i = 0; i < 16; i++) {
      const layer = tf.layers.centerCrop({ height: random.integer(1, 10), width: random.integer(1, 10) });
      await expectSessionRuns(modelOf(layer, [shapeOf(random)], random), random);
    }
  });

  it('channels first is refused by name, with what to do', async () => {
    for (const layer of [
      tf.layers.zeroPadding2d({ dataFormat: 'channelsFirst', inputShape: [2, 5, 5] }),
      tf.layers.conv2dTranspose({
        filters: 2,
        kernelSize: 2,
        dataFormat: 'channelsFirst',
        inputShape: [2, 5, 5],
      }),
      tf.layers.upSampling2d({ dataFormat: 'channelsFirst', inputShape: [2, 5, 5] }),
    ]) {
      const error = await lowerModel(tf.sequential({ layers: [layer] })).catch((caught: unknown) => caught);
      expect(error).toMatchObject({
        layers: [{ name: layer.name, advice: /rebuild the model with "channelsLast"/ }],
      });
    }
  });

  it('the sequence layers that only Keras has pad and crop the steps', async () => {
    const layers = [
      { className: 'ZeroPadding1D', name: 'pad', config: { padding: [1, 2] }, inputs: ['x'] },
      { className: 'Cropping1D', name: 'crop', config: { cropping: 1 }, inputs: ['x'] },
    ];
    const session = await compile(layersArtifacts({ x: [3, 2] }, layers, ['pad', 'crop']));
    const { pad, crop } = session.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) });
    expect([...pad!]).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0]);
    expect([...crop!]).toEqual([3, 4]);
  });
});

describe('preprocessing', () => {
  it('Rescaling equals TensorFlow.js', async () => {
    const random = new Random();
    for (const args of [{ scale: 1 / 255 }, { scale: 2 / 255, offset: -1 }, { scale: 0, offset: 3 }])
      await expectSessionRuns(modelOf(tf.layers.rescaling(args), [shapeOf(random)], random), random);
  });

  it('Rescaling takes a number for each channel, as Keras writes them', async () => {
    const config = { scale: [2, 3], offset: [1, -1] };
    const layers = [{ className: 'Rescaling', name: 'scale', config, inputs: ['x'] }];
    const session = await compile(layersArtifacts({ x: [2, 2] }, layers, ['scale']));
    expect([...session.run({ x: Float32Array.of(1, 2, 3, 4) }).scale!]).toEqual([3, 5, 7, 11]);
  });

  it.each(['oneHot', 'multiHot', 'count'] as const)(
    'CategoryEncoding, %s, equals TensorFlow.js',
    async (outputMode) => {
      const random = new Random();
      // tfjs-node has no kernel for it.
      await tf.setBackend('cpu');
      try {
        for (let i = 0; i < 4; i++) {
          const numTokens = random.integer(2, 9);
          const count = outputMode === 'oneHot' ? 1 : random.integer(1, 6);
          const x = Float32Array.from({ length: 2 * count }, () => random.integer(0, numTokens - 1));
          const layer = tf.layers.categoryEncoding({ numTokens, outputMode });
          await expectLayerRuns(layer, [count], x, `SEED=${random.seed}`);
        }
      } finally {
        await tf.setBackend('tensorflow');
      }
    },
  );
});
