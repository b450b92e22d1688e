import { describe, expect, it } from 'vitest';
import { compile } from '../../../lib/index.ts';
import { asInferenceModel } from '../../../lib/tfjs.ts';
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
