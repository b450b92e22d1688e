import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../lib/session/compile.ts';
import { randomizeWeights } from '../../helpers/against-tfjs.ts';
import { expectSessionRuns } from '../../helpers/layer-session.ts';
import { Random } from '../../helpers/random.ts';
import { rejection } from '../../helpers/sessions.ts';

/** Sequences of words of which the last are 0, some here and there too. */
function sentences(random: Random, batch: number, steps: number, words: number): number[] {
  return Array.from({ length: batch }, () => random.integer(0, steps)).flatMap((length) =>
    Array.from({ length: steps }, (_, t) => (t < length ? random.integer(0, words - 1) : 0)),
  );
}

function build(layers: tf.layers.Layer[], random: Random): tf.Sequential {
  const model = tf.sequential({ layers });
  randomizeWeights(model, random);
  return model;
}

describe('Embedding', () => {
  it('takes int32 indices, and float32 ones without their fraction', async () => {
    const random = new Random();
    const input = tf.input({ shape: [6], dtype: 'int32' });
    const output = tf.layers.embedding({ inputDim: 9, outputDim: 5 }).apply(input) as tf.SymbolicTensor;
    const integers = tf.model({ inputs: input, outputs: output });
    randomizeWeights(integers, random);
    const session = await expectSessionRuns(integers, random, {
      inputs: [Int32Array.from({ length: 12 }, () => random.integer(0, 8))],
    });
    expect(session.inputs[0]!.dtype).toBe('int32');
    const floats = build([tf.layers.embedding({ inputDim: 9, outputDim: 5, inputLength: 6 })], random);
    await expectSessionRuns(floats, random, {
      inputs: [Float32Array.from({ length: 12 }, () => random.integer(0, 8) + random.next())],
    });
  });

  it('takes indices of more than one axis', async () => {
    const random = new Random();
    const layers = [tf.layers.embedding({ inputDim: 4, outputDim: 3, inputLength: [2, 5] as never })];
    await expectSessionRuns(build(layers, random), random, {
      inputs: [Float32Array.from({ length: 20 }, () => random.integer(0, 3))],
    });
  });

  it('gives zeros for an index outside the table', async () => {
    const random = new Random();
    const model = build([tf.layers.embedding({ inputDim: 3, outputDim: 2, inputLength: 2 })], random);
    const session = await compile(model);
    const table = model.getWeights()[0]!.dataSync();
    expect([...(session.run(Float32Array.of(-1, 2)) as Float32Array)]).toEqual([0, 0, ...table.slice(4, 6)]);
  });
});

describe('masks', () => {
  const recurrent = { simple: tf.layers.simpleRNN, lstm: tf.layers.lstm, gru: tf.layers.gru };

  it.each(Object.keys(recurrent) as (keyof typeof recurrent)[])(
    'of an Embedding reach a %s, through layers that pass them on',
    async (kind) => {
      const random = new Random();
      for (const goBackwards of [false, true]) {
        const steps = random.integer(2, 9);
        const model = build(
          [
            tf.layers.embedding({ inputDim: 7, outputDim: 4, inputLength: steps, maskZero: true }),
            tf.layers.dropout({ rate: 0.5 }),
            recurrent[kind]({ units: 5, returnSequences: true }),
            tf.layers.dense({ units: 6, activation: 'tanh' }),
            recurrent[kind]({ units: 4, returnSequences: random.next() < 0.5, goBackwards }),
          ],
          random,
        );
        for (const batch of [1, 2, 9]) {
          const inputs = [Float32Array.from(sentences(random, batch, steps, 7))];
          (await expectSessionRuns(model, random, { inputs, batch })).dispose();
        }
      }
    },
  );

  it('of Masking hide the time steps that are all one value', async () => {
    const random = new Random();
    for (const maskValue of [0, -1.5]) {
      const model = build(
        [
          tf.layers.masking({ maskValue, inputShape: [6, 3] }),
          tf.layers.lstm({ units: 4, returnSequences: true }),
          tf.layers.gru({ units: 3 }),
        ],
        random,
      );
      const x = random.floats(4 * 6 * 3);
      for (const step of [0, 3, 4, 11, 17, 18, 19, 20, 21, 22, 23]) x.fill(maskValue, step * 3, step * 3 + 3);
      x[7 * 3] = maskValue;
      await expectSessionRuns(model, random, { inputs: [x], batch: 4 });
    }
  });

  it('reach cells on top of each other, whichever way they run', async () => {
    const random = new Random();
    for (const goBackwards of [false, true]) {
      const cell = [tf.layers.lstmCell({ units: 4 }), tf.layers.gruCell({ units: 3 })];
      const model = build(
        [
          tf.layers.embedding({ inputDim: 5, outputDim: 4, inputLength: 6, maskZero: true }),
          tf.layers.rnn({ cell, goBackwards, returnSequences: true }),
        ],
        random,
      );
      const inputs = [Float32Array.from(sentences(random, 5, 6, 5))];
      await expectSessionRuns(model, random, { inputs, batch: 5 });
    }
  });

  it('are refused by name where TensorFlow.js does not do what they mean', async () => {
    const random = new Random();
    const embedding = () =>
      tf.layers.embedding({ inputDim: 5, outputDim: 4, inputLength: 6, maskZero: true });
    const dropped = build(
      [
        embedding(),
        tf.layers.gru({ units: 3 }),
        tf.layers.repeatVector({ n: 6 }),
        tf.layers.lstm({ units: 2, name: 'decoder' }),
      ],
      random,
    );
    expect(String(await rejection(compile(dropped)))).toMatch(/decoder.*mask/s);
    const merged = (() => {
      const input = tf.input({ shape: [6] });
      const words = embedding().apply(input) as tf.SymbolicTensor;
      const sum = tf.layers.add().apply([words, words]) as tf.SymbolicTensor;
      const output = tf.layers.gru({ units: 2, name: 'reader' }).apply(sum) as tf.SymbolicTensor;
      return tf.model({ inputs: input, outputs: output });
    })();
    expect(String(await rejection(compile(merged)))).toMatch(/reader.*class Add/s);
    const soft = build([embedding(), tf.layers.softmax({ axis: -1, name: 'shares' })], random);
    expect(String(await rejection(compile(soft)))).toMatch(/shares.*masked/s);
  });

  it('of one branch are refused where another has a layer that reads masks, in either order', async () => {
    for (const order of [0, 1]) {
      const [words, numbers] = [tf.input({ shape: [4] }), tf.input({ shape: [4, 3] })];
      const masked = tf.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true }).apply(words);
      const read = tf.layers.gru({ units: 2 }).apply(masked as tf.SymbolicTensor) as tf.SymbolicTensor;
      const free = tf.layers.gru({ units: 2, name: 'free' }).apply(numbers) as tf.SymbolicTensor;
      const outputs = order === 0 ? [read, free] : [free, read];
      const model = tf.model({ inputs: [words, numbers], outputs });
      expect(String(await rejection(compile(model))), `order ${order}`).toMatch(/free.*mask/s);
    }
  });
});
