import { describe, expect, it } from 'vitest';
import { compile } from '../../../lib/index.ts';
import { accelerate, asInferenceModel } from '../../../lib/tfjs.ts';
import { leNet, sharedModel } from '../../helpers/models.ts';
import { onEveryBackend, tf } from '../pruning/backends.ts';
import { expectClose, inputsFor, randomWeights, take } from './models.ts';

async function single() {
  const model = randomWeights(leNet(), 0.2);
  return { model, session: await compile(model) };
}

async function several() {
  const model = randomWeights(sharedModel(), 0.5);
  return { model, session: await compile(model) };
}

onEveryBackend(() => {
  it('takes tensors and gives tensors', async () => {
    const { model, session } = await single();
    const inference: tf.InferenceModel = asInferenceModel(session);
    expect(inference.inputs).toEqual([{ name: session.inputs[0]!.name, shape: [-1, 784], dtype: 'float32' }]);
    expect(inference.outputs).toEqual([
      { name: session.outputs[0]!.name, shape: [-1, 10], dtype: 'float32' },
    ]);
    const { name } = inference.outputs[0]!;
    const [x] = inputsFor(model, 3) as [tf.Tensor];
    const expected = take(model.predict(x) as tf.Tensor);
    const tensors = tf.memory().numTensors;
    const y = inference.predict(x, { batchSize: 2 }) as tf.Tensor;
    expect([y.shape, y.dtype]).toEqual([[3, 10], 'float32']);
    expectClose(take(y), expected);
    expectClose(take(inference.predict([x], {}) as tf.Tensor), expected);
    expectClose(take(inference.predict({ [inference.inputs[0]!.name]: x }, {}) as tf.Tensor), expected);
    expectClose(take(inference.execute(x, name) as tf.Tensor), expected);
    const [listed, ...others] = inference.execute(x, [name]) as tf.Tensor[];
    expect(others).toEqual([]);
    expectClose(take(listed!), expected);
    expect(tf.memory().numTensors).toBe(tensors);
    session.dispose();
    x.dispose();
    model.dispose();
  });

  it('takes and gives several tensors, in the order of the model or by name', async () => {
    const { model, session } = await several();
    const inference = asInferenceModel(session);
    const x = inputsFor(model, 4);
    const expected = take(model.predict(x) as tf.Tensor[]);
    const names = inference.outputs.map((output) => output.name);
    const byName = Object.fromEntries(inference.inputs.map(({ name }, i) => [name, x[i]!]));
    const tensors = tf.memory().numTensors;
    expectClose(take(inference.predict(x, {}) as tf.Tensor[]), expected);
    expectClose(take(inference.predict(byName, {}) as tf.Tensor[]), expected);
    expectClose(take(inference.execute(x, names[1]!)), [expected[1]!]);
    expectClose(take(inference.execute(byName, [names[2]!, names[0]!])), [expected[2]!, expected[0]!]);
    expectClose(take(await inference.predictAsync(x)), expected);
    expectClose(take(await inference.executeAsync(byName, names[1]!)), [expected[1]!]);
    expectClose(take(await inference.executeAsync(x, [names[1]!])), [expected[1]!]);
    expect(tf.memory().numTensors).toBe(tensors);
    session.dispose();
    tf.dispose(x);
    model.dispose();
  });
});

it('leaves its results to the scope around the call', async () => {
  const { model, session } = await single();
  const x = tf.zeros([1, 784]);
  const tensors = tf.memory().numTensors;
  tf.tidy(() => void asInferenceModel(session).predict(x, {}));
  expect(tf.memory().numTensors).toBe(tensors);
  session.dispose();
  x.dispose();
  model.dispose();
});

describe('asInferenceModel refuses', () => {
  const zeros = (shape: number[], dtype: 'float32' | 'int32' = 'float32'): tf.Tensor =>
    tf.zeros(shape, dtype);
  const disposed = (): tf.Tensor => {
    const tensor = tf.zeros([1, 5]);
    tensor.dispose();
    return tensor;
  };
  type Refusal = [string, () => unknown, string, string, string, unknown];
  it.each<Refusal>([
    ['another shape', () => [zeros([2, 5]), zeros([2, 6])], 'SHAPE', 'right', '[2, 5]', [2, 6]],
    ['another rank', () => [zeros([5]), zeros([2, 5])], 'SHAPE', 'left', '[batch, 5]', [5]],
    ['another batch', () => [zeros([2, 5]), zeros([3, 5])], 'SHAPE', 'right', '[2, 5]', [3, 5]],
    ['another dtype', () => [zeros([2, 5], 'int32'), zeros([2, 5])], 'DTYPE', 'left', 'float32', 'int32'],
    ['what is no tensor', () => [zeros([2, 5]), [1, 2]], 'ARGUMENT', 'right', 'a tensor', 'Array'],
    [
      'a disposed tensor',
      () => [disposed(), zeros([1, 5])],
      'DISPOSED',
      'left',
      'a live tensor',
      'a disposed tensor',
    ],
    ['too few tensors', () => zeros([2, 5]), 'ARGUMENT', 'inputs', 'left, right', 'one tensor'],
    ['too many tensors', () => [1, 2, 3], 'ARGUMENT', 'inputs', 'left, right', '3 tensors'],
    ['a missing name', () => ({ left: zeros([1, 5]) }), 'ARGUMENT', 'right', 'a tensor', 'undefined'],
    [
      'an unknown name',
      () => ({ up: zeros([1, 5]) }),
      'ARGUMENT',
      'inputs',
      'left, right',
      'named "up" among others',
    ],
    ['nothing', () => null, 'ARGUMENT', 'inputs', 'left, right', 'null'],
  ])('%s', async (_, inputs, code, tensor, expected, received) => {
    const { model, session } = await several();
    const inference = asInferenceModel(session);
    const error = expect.objectContaining({
      code: `ERR_SPARSE_${code}`,
      tensor,
      received,
      message: expect.stringContaining(expected),
    });
    const given = inputs() as tf.Tensor[];
    expect(() => inference.predict(given, {})).toThrowError(error);
    expect(() => inference.execute(given, 'one')).toThrowError(error);
    await expect(inference.predictAsync(given)).rejects.toThrowError(error);
    session.dispose();
    model.dispose();
  });

  it('unknown outputs, wrong batch sizes and disposed sessions', async () => {
    const { model, session } = await single();
    const inference = asInferenceModel(session);
    const x = tf.zeros([1, 784]);
    const refusal = (code: string, tensor: string) =>
      expect.objectContaining({ code: `ERR_SPARSE_${code}`, tensor });
    expect(() => inference.execute(x, 'nowhere')).toThrowError(refusal('OPTION', 'outputs'));
    expect(() => inference.execute(x, [1 as never])).toThrowError(refusal('OPTION', 'outputs'));
    expect(() => inference.predict(x, { batchSize: 0 })).toThrowError(refusal('OPTION', 'batchSize'));
    session.dispose();
    expect(() => inference.predict(x, {})).toThrowError(refusal('DISPOSED', 'session'));
    x.dispose();
    model.dispose();
  });
});

it('asInferenceModel refuses what is no session', () => {
  for (const fake of [{}, undefined, 3]) {
    expect(() => asInferenceModel(fake as never)).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_ARGUMENT', tensor: 'session' }),
    );
  }
});

describe('integers and a fixed batch', () => {
  it('takes int32 tensors where the model does, and no others', async () => {
    const input = tf.input({ shape: [4], dtype: 'int32', name: 'words' });
    const output = tf.layers.embedding({ inputDim: 6, outputDim: 3 }).apply(input) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: output });
    const session = await compile(model);
    const words = tf.tensor2d([1, 2, 0, 5, 5, 4, 3, 0], [2, 4], 'int32');
    const expected = model.predict(words) as tf.Tensor;
    const inference = asInferenceModel(session);
    const received = inference.predict(words, {}) as tf.Tensor;
    expect(received.shape).toEqual([2, 4, 3]);
    expect(received.dataSync()).toEqual(expected.dataSync());
    const wrong = expect.objectContaining({ code: 'ERR_SPARSE_DTYPE', tensor: 'words', expected: 'int32' });
    expect(() => inference.predict(tf.zeros([2, 4]), {})).toThrowError(wrong);
    // The session itself: an array of the other type is refused, never read as if it were its own.
    for (const values of [new Float32Array(4), { words: new Float32Array(4) }])
      expect(() => session.run(values as never)).toThrowError(
        expect.objectContaining({ tensor: 'words', message: expect.stringContaining('Int32Array') }),
      );
    await expect(session.runAsync(new Float32Array(4) as never)).rejects.toThrowError(/Int32Array/);
    session.dispose();
  });
});

it('accelerate leaves a model of integer inputs to TensorFlow.js', async () => {
  const input = tf.input({ shape: [4], dtype: 'int32' });
  const output = tf.layers.embedding({ inputDim: 6, outputDim: 3 }).apply(input) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: output });
  for (const dtype of ['int32', 'float32'] as const) {
    const words = tf.tensor2d([1, 2, 0, 5], [1, 4], dtype);
    const expected = (model.predict(words) as tf.Tensor).dataSync();
    const accelerated = accelerate(model);
    expect((model.predict(words) as tf.Tensor).dataSync()).toEqual(expected);
    accelerated.restore();
  }
});
