import * as tf from '@tensorflow/tfjs-node';
import { expect, it } from 'vitest';
import { compile } from '../../../lib/session/compile.ts';
import { asInferenceModel } from '../../../lib/tfjs.ts';
import { placesGraph } from '../../helpers/places-graph.ts';

it('tensors whose length the run finds have the shape that TensorFlow.js gives', async () => {
  const artifacts = placesGraph().artifacts(['where', 'values']);
  const session = await compile(artifacts);
  const ours = asInferenceModel(session);
  const theirs = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  expect(ours.outputs.map(({ shape }) => shape)).toEqual([[-1, 1], [-1]]);
  for (const values of [
    [0, 5, 0, 0, 7, 8, 0, 0],
    new Array<number>(8).fill(0),
    new Array<number>(8).fill(1),
  ]) {
    const input = tf.tensor(values, [8]);
    const expected = (await theirs.executeAsync(input, ['where', 'values'])) as tf.Tensor[];
    const lists = [ours.predict(input, {}), await ours.predictAsync(input)] as tf.Tensor[][];
    for (const list of lists)
      for (const [i, tensor] of list.entries()) {
        expect([tensor.shape, tensor.dtype]).toEqual([expected[i]!.shape, expected[i]!.dtype]);
        expect(tensor.dataSync()).toEqual(expected[i]!.dataSync());
      }
    tf.dispose([input, expected, lists]);
  }
  session.dispose();
});
