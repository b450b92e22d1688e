import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../lib/compile/lower-model.ts';
import { compile } from '../../../lib/session/compile.ts';
import { expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { layersArtifacts } from '../../helpers/layers-artifacts.ts';
import { Random } from '../../helpers/random.ts';

const merges = {
  Add: () => tf.layers.add(),
  Multiply: () => tf.layers.multiply(),
  Average: () => tf.layers.average(),
  Maximum: () => tf.layers.maximum(),
  Minimum: () => tf.layers.minimum(),
};

/** A shape of one to three axes, and one that broadcasts to it: some axes of one entry, some at the front left out. */
function broadcastPair(random: Random): number[][] {
  const shape = Array.from({ length: random.integer(1, 3) }, () => random.integer(1, 5));
  const other = shape.map((size) => (random.next() < 0.4 ? 1 : size));
  // TensorFlow.js puts missing axes in behind the batch.
  const shorter = random.next() < 0.4 ? other.slice(random.integer(0, other.length - 1)) : other;
  return random.next() < 0.5 ? [shape, shorter] : [shorter, shape];
}

describe('merging layers', () => {
  it.each(Object.entries(merges))(
    '%s of two equals TensorFlow.js on random shapes that broadcast',
    async (_, make) => {
      const random = new Random();
      for (let i = 0; i < 12; i++)
        await expectSessionRuns(modelOf(make(), broadcastPair(random), random), random);
    },
  );

  it.each(Object.entries(merges))('%s takes any number of inputs', async (_, make) => {
    const random = new Random();
    for (const count of [3, 5]) {
      const shapes = new Array(count).fill([3, 4]);
      await expectSessionRuns(modelOf(make(), shapes, random), random);
    }
  });

  it('Add of a map and what it came from stays in the maps', async () => {
    const random = new Random();
    const x = tf.input({ shape: [5, 4, 6] });
    const y = tf.layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same' }).apply(x) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([x, y]) as tf.SymbolicTensor;
    const session = await expectSessionRuns(tf.model({ inputs: x, outputs: sum }), random);
    expect(session.describe().steps.map(({ op }) => op)).not.toContain('toArray');
  });

  it('Subtract, which only Keras has, takes exactly two', async () => {
    const one = [{ className: 'Subtract', name: 'minus', config: {}, inputs: ['a', 'b'] }];
    const session = await compile(layersArtifacts({ a: [3], b: [3] }, one, ['minus']));
    const { minus } = session.run({ a: Float32Array.of(5, 7, 9), b: Float32Array.of(1, 2, 4) });
    expect([...minus!]).toEqual([4, 5, 5]);
    const three = [{ className: 'Subtract', name: 'minus', config: {}, inputs: ['a', 'b', 'a'] }];
    await expect(lowerModel(layersArtifacts({ a: [3], b: [3] }, three, ['minus']))).rejects.toMatchObject({
      code: 'ERR_SPARSE_SHAPE',
      layer: 'minus',
      received: 3,
    });
  });

  it('shapes that do not broadcast are refused by name', async () => {
    const layers = [{ className: 'Add', name: 'sum', config: {}, inputs: ['a', 'b'] }];
    await expect(lowerModel(layersArtifacts({ a: [3], b: [4] }, layers, ['sum']))).rejects.toMatchObject({
      code: 'ERR_SPARSE_SHAPE',
      layer: 'sum',
    });
  });
});

describe('Concatenate', () => {
  it('equals TensorFlow.js along any axis of random shapes', async () => {
    const random = new Random();
    for (let i = 0; i < 16; i++) {
      const shape = Array.from({ length: random.integer(1, 3) }, () => random.integer(1, 5));
      const axis = random.integer(1, shape.length);
      const shapes = Array.from({ length: random.integer(2, 4) }, () =>
        shape.with(axis - 1, random.integer(1, 4)),
      );
      // TensorFlow.js takes every negative axis for the last.
      const counted = axis === shape.length && random.next() < 0.5 ? -1 : axis;
      await expectSessionRuns(modelOf(tf.layers.concatenate({ axis: counted }), shapes, random), random);
    }
  });

  it('of branches of a picture along their channels stays in the maps', async () => {
    const random = new Random();
    const x = tf.input({ shape: [6, 5, 3] });
    const branches = [1, 3].map(
      (kernelSize) =>
        tf.layers.conv2d({ filters: 4, kernelSize, padding: 'same' }).apply(x) as tf.SymbolicTensor,
    );
    const joined = tf.layers.concatenate().apply(branches) as tf.SymbolicTensor;
    const session = await expectSessionRuns(tf.model({ inputs: x, outputs: joined }), random);
    expect(session.describe().steps.map(({ op }) => op)).not.toContain('toArray');
  });

  it('along the batch is refused by name', async () => {
    const layers = [{ className: 'Concatenate', name: 'all', config: { axis: 0 }, inputs: ['a', 'a'] }];
    await expect(lowerModel(layersArtifacts({ a: [3] }, layers, ['all']))).rejects.toMatchObject({
      layers: [{ name: 'all', className: 'Concatenate', advice: /batch/ }],
    });
  });
});

describe('Dot', () => {
  it('equals TensorFlow.js for vectors and matrices along every pair of axes', async () => {
    const random = new Random();
    const [k, m, n] = [4, 3, 5];
    const cases: [number[], number[], [number, number]][] = [
      [[k], [k], [1, 1]],
      [
        [m, k],
        [n, k],
        [2, 2],
      ],
      [
        [k, m],
        [k, n],
        [1, 1],
      ],
      [
        [m, k],
        [k, n],
        [2, 1],
      ],
      [
        [k, m],
        [n, k],
        [1, 2],
      ],
      [[m, k], [k], [2, 1]],
      [[k, m], [k], [1, 1]],
      [[k], [k, n], [1, 1]],
      [[k], [n, k], [1, 2]],
    ];
    for (const [a, b, axes] of cases) {
      for (const normalize of [false, true]) {
        await expectSessionRuns(modelOf(tf.layers.dot({ axes, normalize }), [a, b], random), random);
      }
    }
    await expectSessionRuns(
      modelOf(
        tf.layers.dot({ axes: -1 }),
        [
          [m, k],
          [n, k],
        ],
        random,
      ),
      random,
    );
  });
});
