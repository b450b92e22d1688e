import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import type { UnsupportedLayerError } from '../../../lib/errors.ts';
import { compile } from '../../../lib/session/compile.ts';
import { randomizeWeights } from '../../helpers/against-tfjs.ts';
import { expectSessionRuns, modelOf } from '../../helpers/layer-session.ts';
import { layersArtifacts } from '../../helpers/layers-artifacts.ts';
import { lstmFloat64 } from '../../helpers/lstm-float64.ts';
import { Random } from '../../helpers/random.ts';
import { rejection, relativeDifference } from '../../helpers/sessions.ts';

const kinds = { simple: tf.layers.simpleRNN, lstm: tf.layers.lstm, gru: tf.layers.gru };
const kindNames = Object.keys(kinds) as (keyof typeof kinds)[];
const statesOf = (kind: string) => (kind === 'lstm' ? 2 : 1);

type LstmWeights = Parameters<typeof lstmFloat64>[0];

const pickOne = <T>(random: Random, list: readonly T[]): T => list[random.integer(0, list.length - 1)]!;
const flip = (random: Random) => random.next() < 0.5;

/** Settings of a layer, at random. */
function randomArgs(random: Random) {
  return {
    units: random.integer(1, 20),
    activation: pickOne(random, ['tanh', 'sigmoid', 'relu', 'linear'] as const),
    recurrentActivation: pickOne(random, ['hardSigmoid', 'sigmoid', undefined] as const),
    useBias: flip(random),
    returnSequences: flip(random),
    returnState: flip(random),
    goBackwards: flip(random),
    unitForgetBias: flip(random),
    dropout: 0.5,
  };
}

describe('SimpleRNN, LSTM and GRU', () => {
  it.each(kindNames)('%s equals TensorFlow.js on random sizes and settings', async (kind) => {
    const random = new Random();
    for (let i = 0; i < 8; i++) {
      const args = randomArgs(random);
      const layer = kinds[kind](args as never);
      // Without a bound, products of states grow from step to step, and so does every rounding error: see below.
      const bounded = args.activation === 'tanh' || args.activation === 'sigmoid';
      const model = modelOf(layer, [[random.integer(1, bounded ? 40 : 6), random.integer(1, 20)]], random);
      const session = await expectSessionRuns(model, random, { batch: pickOne(random, [1, 2, 8, 19]) });
      expect(session.outputs.length).toBe(args.returnState ? 1 + statesOf(kind) : 1);
      session.dispose();
    }
  });

  /*
   * Measured on 40 LSTMs with weights of deviation 0.3, each against float64, the worst of them at 12, 20 and 40 steps: tfjs-node
   * 1.0e-6, 1.2e-4 and 6.3e-2, the session 1.2e-6, 2.7e-5 and 2.7e-1; and float64 itself, its weights changed by 2^-25 (half a
   * rounding of float32): 7.4e-7, 1.4e-5 and 2.6e-2. The medians stay below 3e-7. So the growth is the network's own.
   */
  it.each(['linear', 'relu'] as const)(
    'an LSTM with %s is as far from float64 as a rounding of its weights takes float64 itself',
    async (activation) => {
      const random = new Random();
      for (let i = 0; i < 8; i++) {
        const [steps, features] = [random.integer(1, 40), random.integer(1, 20)];
        const [units, batch] = [random.integer(1, 20), 2];
        const recurrentActivation = 'hardSigmoid';
        const layer = tf.layers.lstm({ units, activation, recurrentActivation });
        const model = modelOf(layer, [[steps, features]], random);
        const weights = layer.getWeights().map((weight) => weight.dataSync()) as unknown as LstmWeights;
        const x = random.floats(batch * steps * features, 2);
        const shape = {
          batch,
          steps,
          features,
          units,
          activation: activation === 'relu' ? (v: number) => Math.max(0, v) : (v: number) => v,
          recurrentActivation: (v: number) => Math.min(1, Math.max(0, 0.2 * v + 0.5)),
        };
        const exact = lstmFloat64(weights, x, shape);
        const nudged = Array.from({ length: 4 }, () => {
          const nudge = (values: ArrayLike<number>) =>
            Float64Array.from(values, (v) => v * (1 + (flip(random) ? 1 : -1) * 2 ** -25));
          const moved = weights.map(nudge) as unknown as LstmWeights;
          return relativeDifference(lstmFloat64(moved, x, shape), exact);
        });
        const session = await compile(model);
        const difference = relativeDifference(session.run(x) as Float32Array, exact);
        // 8.2 times at most in 128 of these.
        const bound = Math.max(1e-6, 32 * Math.max(...nudged));
        expect(difference, `${steps} steps, SEED=${random.seed}`).toBeLessThanOrEqual(bound);
        session.dispose();
      }
    },
  );

  it.each(kindNames)('%s begins with initial states', async (kind) => {
    const random = new Random();
    const units = random.integer(2, 12);
    const x = tf.input({ shape: [7, 5] });
    const initialState = Array.from({ length: statesOf(kind) }, () => tf.input({ shape: [units] }));
    const layer = kinds[kind]({ units, returnSequences: true, returnState: true });
    const outputs = layer.apply(x, { initialState }) as unknown as tf.SymbolicTensor[];
    const model = tf.model({ inputs: [x, ...initialState], outputs });
    randomizeWeights(model, random);
    for (const batch of [1, 3]) (await expectSessionRuns(model, random, { batch })).dispose();
  });

  it('carries states from an encoder to a decoder', async () => {
    const random = new Random();
    const [source, target] = [tf.input({ shape: [6, 3] }), tf.input({ shape: [4, 2] })];
    const [, h, c] = tf.layers
      .lstm({ units: 5, returnState: true })
      .apply(source) as unknown as tf.SymbolicTensor[];
    const decoded = tf.layers
      .lstm({ units: 5, returnSequences: true })
      .apply(target, { initialState: [h!, c!] }) as tf.SymbolicTensor;
    const model = tf.model({ inputs: [source, target], outputs: decoded });
    randomizeWeights(model, random);
    await expectSessionRuns(model, random);
  });

  it('runs RNN of a cell, and of cells on top of each other', async () => {
    const random = new Random();
    const { lstmCell, gruCell, simpleRNNCell, rnn } = tf.layers;
    await expectSessionRuns(modelOf(rnn({ cell: gruCell({ units: 6 }) }), [[5, 4]], random), random);
    for (const goBackwards of [false, true]) {
      const cell = [lstmCell({ units: 6 }), gruCell({ units: 3 }), simpleRNNCell({ units: 4 })];
      const layer = rnn({ cell, returnState: true, returnSequences: flip(random), goBackwards });
      await expectSessionRuns(modelOf(layer, [[9, 5]], random), random);
    }
  });

  it('computes a GRU of Keras, whose reset gate comes after the product', async () => {
    const random = new Random();
    const [steps, features, units, batch] = [6, 4, 5, 3];
    const entry = (name: string, shape: number[]) => ({
      name: `gru/gru_cell/${name}`,
      shape,
      values: random.floats(
        shape.reduce((a, b) => a * b, 1),
        0.4,
      ),
    });
    const weights = [
      entry('kernel', [features, 3 * units]),
      entry('recurrent_kernel', [units, 3 * units]),
      entry('bias', [2, 3 * units]),
    ];
    const config = { units, activation: 'tanh', recurrent_activation: 'sigmoid', reset_after: true };
    const artifacts = layersArtifacts(
      { x: [steps, features] },
      [{ className: 'GRU', name: 'gru', config, inputs: ['x'] }],
      ['gru'],
      weights,
    );
    const session = await compile(artifacts);
    const x = random.floats(batch * steps * features, 2);
    const expected = tf.tidy(() => {
      const [kernel, recurrent, bias] = weights.map(({ shape, values }) => tf.tensor(values, shape));
      const [inputBias, recurrentBias] = tf.unstack(bias!);
      let h: tf.Tensor = tf.zeros([batch, units]);
      for (const xt of tf.unstack(tf.tensor(x, [batch, steps, features]), 1)) {
        const [xz, xr, xh] = tf.split(xt.matMul(kernel!).add(inputBias!), 3, 1);
        const [hz, hr, hh] = tf.split(h.matMul(recurrent!).add(recurrentBias!), 3, 1);
        const [z, r] = [xz!.add(hz!).sigmoid(), xr!.add(hr!).sigmoid()];
        h = z.mul(h).add(tf.sub(1, z).mul(xh!.add(r.mul(hh!)).tanh()));
      }
      return h.dataSync();
    });
    expect(relativeDifference(session.run(x) as Float32Array, expected), `SEED=${random.seed}`).toBeLessThan(
      1e-5,
    );
  });

  it('multiplies the input of all steps at once, and leaves out zeros of both weights', async () => {
    const random = new Random();
    const model = modelOf(tf.layers.lstm({ units: 64 }), [[10, 32]], random);
    const sparse = model.getWeights().map((weight) => {
      const values = weight.dataSync().map((v) => (random.next() < 0.9 && weight.rank === 2 ? 0 : v));
      return tf.tensor(values, weight.shape);
    });
    model.setWeights(sparse);
    const session = await expectSessionRuns(model, random);
    const { steps } = session.describe(1);
    expect(steps.map(({ op }) => op)).toEqual(['matmul', 'recurrence']);
    expect(steps.map(({ m, n, k }) => [m, n, k])).toEqual([
      [10, 256, 32],
      [1, 256, 64],
    ]);
    for (const { density } of steps) expect(density).toBeLessThan(0.2);
  });

  it.each([
    ['bfloat16', 2 ** -5],
    ['int8', 2 ** -5],
  ] as const)('keeps weights as %s', async (storage, bound) => {
    const random = new Random();
    const model = modelOf(tf.layers.gru({ units: 24 }), [[8, 16]], random);
    const x = random.floats(8 * 16);
    const [exact, rounded] = [await compile(model), await compile(model, { storage })];
    const difference = relativeDifference(rounded.run(x) as Float32Array, exact.run(x) as Float32Array);
    expect(difference).toBeGreaterThan(0);
    expect(difference, `SEED=${random.seed}`).toBeLessThan(bound);
    expect(rounded.describe().weightBytes).toBeLessThan(exact.describe().weightBytes);
  });

  it('is tuned and tells the time of all steps', async () => {
    const random = new Random();
    const model = modelOf(tf.layers.lstm({ units: 16, returnSequences: true }), [[5, 8]], random);
    const session = await compile(model, { tune: true, batch: [1] });
    const recurrence = session.describe(1).steps.find(({ op }) => op === 'recurrence')!;
    expect(recurrence.measuredUs).toBeGreaterThan(0);
    const x = random.floats(5 * 8);
    const expected = await (model.predict(tf.tensor(x, [1, 5, 8])) as tf.Tensor).data();
    expect(relativeDifference(session.run(x) as Float32Array, expected)).toBeLessThan(1e-5);
  });

  it('refuses by name what it does not compile', async () => {
    const random = new Random();
    const stateful = tf.sequential({
      layers: [tf.layers.lstm({ units: 3, stateful: true, batchInputShape: [1, 4, 2], name: 'memory' })],
    });
    randomizeWeights(stateful, random);
    const error = (await rejection(compile(stateful))) as UnsupportedLayerError;
    expect(error.code).toBe('ERR_SPARSE_UNSUPPORTED_LAYER');
    expect(error.message).toContain('memory');
    expect(error.message).toContain('stateful');
    const softmax = modelOf(tf.layers.gru({ units: 3, activation: 'softmax' }), [[4, 2]], random);
    expect(String(await rejection(compile(softmax)))).toContain('softmax');
  });
});
