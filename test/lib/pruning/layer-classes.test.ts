import { describe, expect, it } from 'vitest';
import {
  constantSparsity,
  getSparsity,
  prune,
  pruneLowMagnitude,
  stripPruning,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { prunedWeights, zerosOf } from './models.ts';

const half = () => constantSparsity({ targetSparsity: 0.5, frequency: 1 });
const l = tf.layers;

/** Layers in front of a Dense, the shape of their input, and the weights that are pruned. */
const cases: [string, () => tf.layers.Layer[], number[], string[]][] = [
  ['Conv1D', () => [l.conv1d({ name: 'c', filters: 2, kernelSize: 2 })], [5, 3], ['c/kernel']],
  [
    'Conv2DTranspose',
    () => [l.conv2dTranspose({ name: 'c', filters: 2, kernelSize: 2 })],
    [3, 3, 2],
    ['c/kernel'],
  ],
  [
    'SeparableConv2D',
    () => [l.separableConv2d({ name: 'c', filters: 4, kernelSize: 2 })],
    [4, 4, 2],
    ['c/pointwise_kernel'],
  ],
  ['SimpleRNN', () => [l.simpleRNN({ name: 'r', units: 4 })], [3, 2], ['r/kernel', 'r/recurrent_kernel']],
  ['GRU', () => [l.gru({ name: 'r', units: 2 })], [3, 2], ['r/kernel', 'r/recurrent_kernel']],
  ['LSTM', () => [l.lstm({ name: 'r', units: 2 })], [3, 2], ['r/kernel', 'r/recurrent_kernel']],
  [
    'RNN of stacked cells',
    () => [
      l.rnn({
        name: 'r',
        cell: [l.lstmCell({ units: 2 }), l.simpleRNNCell({ units: 2 })] as never,
      }) as tf.layers.Layer,
    ],
    [3, 2],
    [
      'r/RNNCell_0/kernel',
      'r/RNNCell_1/kernel',
      'r/RNNCell_0/recurrent_kernel',
      'r/RNNCell_1/recurrent_kernel',
    ],
  ],
  [
    'Bidirectional',
    () => [
      l.bidirectional({ name: 'b', layer: l.gru({ name: 'g', units: 2 }) as never, mergeMode: 'concat' }),
    ],
    [3, 2],
    [
      'b/forward_g/kernel',
      'b/forward_g/recurrent_kernel',
      'b/backward_g/kernel',
      'b/backward_g/recurrent_kernel',
    ],
  ],
  [
    'TimeDistributed',
    () => [l.timeDistributed({ name: 't', layer: l.dense({ units: 4 }) })],
    [3, 2],
    ['t/kernel'],
  ],
];

onEveryBackend((backend) => {
  it.each(cases)('prunes %s and strips to the same outputs', async (name, layers, shape, keys) => {
    const all = layers();
    const input = tf.input({ shape });
    let at: tf.SymbolicTensor = input;
    for (const layer of all) at = layer.apply(at) as tf.SymbolicTensor;
    if (at.rank > 2) at = l.flatten().apply(at) as tf.SymbolicTensor;
    at = l.dense({ name: 'out', units: 2 }).apply(at) as tf.SymbolicTensor;
    const model = prune(tf.model({ inputs: input, outputs: at }), { schedule: half() });
    expect(prunedWeights(model).map(({ key }) => key)).toEqual([...keys, 'out/kernel']);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const x = tf.randomNormal([4, ...shape], 0, 1, 'float32', 3);
    // TF.js has no gradient of a convolution's filter on wasm: a training pass alone prunes, too.
    if (backend === 'wasm' && name.includes('Conv'))
      tf.dispose(model.apply(x, { training: true }) as tf.Tensor);
    else await model.trainOnBatch(x, tf.ones([4, 2]));
    expect(zerosOf(model)).toEqual(prunedWeights(model).map(({ variable }) => variable.size / 2));
    const stripped = stripPruning(model);
    const [a, b] = [model, stripped].map((one) => [...(one.predict(x) as tf.Tensor).dataSync()]);
    expect(b).toEqual(a);
    expect(getSparsity(stripped)).toEqual(getSparsity(model));
  });
});

describe('layers that hold layers', () => {
  it('are refused with compat tfmot, as TFMOT does', () => {
    const given = tf.sequential({
      layers: [
        l.bidirectional({
          name: 'b',
          layer: l.gru({ units: 2 }) as never,
          mergeMode: 'concat',
          inputShape: [3, 2],
        } as never),
      ],
    });
    expect(() => pruneLowMagnitude(given, { pruningSchedule: half(), compat: 'tfmot' })).toThrowError(
      expect.objectContaining({
        code: 'ERR_SPARSE_UNSUPPORTED_LAYER',
        message: expect.stringContaining('"b"'),
      }),
    );
    expect(prunedWeights(pruneLowMagnitude(given, { pruningSchedule: half() }))).toHaveLength(4);
  });
});
