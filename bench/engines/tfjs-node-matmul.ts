import { artifactsOf, inputOf } from '../cases/artifacts.ts';
import type { ModelCase } from '../cases/model-case.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';

/** The bare op of a Dense layer, `tf.fused.matMul` with bias and relu, without the layer and `predict` around it. */
export const tfjsNodeMatmul: Engine<ModelCase> = {
  name: 'tfjs-node fused.matMul',
  async prepare(work) {
    if (work.model.type !== 'layer') return { unavailable: 'one op: for single layers only' };
    const { inputs, outputs } = work.model;
    const { weightData, inputShape } = await artifactsOf(work.model);
    const values = new Float32Array(weightData);
    const kernel = tf.tensor2d(values.slice(0, inputs * outputs), [inputs, outputs]);
    const bias = tf.tensor1d(values.slice(inputs * outputs));
    const x = await inputOf(work, inputShape);
    return {
      run() {
        const input = tf.tensor2d(x, [work.batch, inputs]);
        const output = tf.fused.matMul({ a: input, b: kernel, bias, activation: 'relu' });
        const result = output.dataSync() as Float32Array;
        input.dispose();
        output.dispose();
        return result;
      },
      facts: tensorflowVersions,
      dispose: () => tf.dispose([kernel, bias]),
    };
  },
};
