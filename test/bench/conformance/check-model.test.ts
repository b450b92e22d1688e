import * as tf from '@tensorflow/tfjs-node';
import { expect, it } from 'vitest';
import { checkModel } from '../../../bench/conformance/check-model.ts';
import { verdictOf } from '../../../bench/conformance/result.ts';
import { articleCnn } from '../../helpers/models.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';

const at = temporaryFolder();
const photographs = [1, 2].map((seed) => ({
  resized: async (height: number, width: number, channels: number) =>
    Float32Array.from({ length: height * width * channels }, (_, i) => (i * 37 * seed) % 256),
}));
const entry = (model: string) => ({
  model,
  source: 'this test',
  kind: 'layers' as const,
  path: async () => at(model, 'model.json'),
  range: 'unit' as const,
  limit: 1e-5,
  classifier: true,
});

/** What `npm run conformance` does for every published model, on one that needs no download. */
it('compares a saved model with tfjs-node, as it is and pruned, and times both', async () => {
  const model = articleCnn('softmax');
  await model.save(`file://${at('cnn')}`);
  model.dispose();
  const timing = { seconds: 0, minRounds: 1, sampleSeconds: 0 };
  const row = await checkModel(entry('cnn'), 'a group', { photographs, sparsity: 0.8, timing });
  expect(row.error).toBeUndefined();
  expect(row).toMatchObject({
    parameters: 20410,
    inputs: '1×28×28×1 photo, 0 to 1',
    asPublished: { zeros: 0, inputs: 2, sameClass: 2, passed: true, timing: { rounds: 1 } },
    pruned: { inputs: 2, sameClass: 2, passed: true },
  });
  expect(row.pruned!.zeros).toBeCloseTo(0.8, 3);
  expect(row.pruned!.difference).toBeLessThanOrEqual(1e-5);
  expect(verdictOf(row)).toBe('passed');
}, 120_000);

it('says why a model cannot be compiled, and passes over one that is known not to', async () => {
  const input = tf.input({ shape: [4, 4, 4, 1] });
  const output = tf.layers.conv3d({ filters: 1, kernelSize: 2 }).apply(input) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: output });
  await model.save(`file://${at('conv3d')}`);
  model.dispose();
  const row = await checkModel(entry('conv3d'), 'a group', { photographs, sparsity: 0.8 });
  expect(row.refused).toEqual({ why: '1 unsupported: Conv3D', expected: false });
  expect(verdictOf(row)).toBe('failed');
  const known = await checkModel({ ...entry('conv3d'), refusal: 'three axes' }, 'a group', {
    photographs,
    sparsity: 0.8,
  });
  expect(known.refused).toEqual({ why: 'three axes', expected: true });
  expect(verdictOf(known)).toBe('skipped');
});

it('passes over a model that compiles and that TensorFlow.js is known not to load', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  await model.save(`file://${at('lonely')}`);
  model.dispose();
  const row = await checkModel({ ...entry('lonely'), refusal: 'alone' }, 'a group', {
    photographs,
    sparsity: 0.8,
  });
  expect(row.refused).toEqual({ why: 'alone', expected: true });
  expect(row.asPublished).toBeUndefined();
});
