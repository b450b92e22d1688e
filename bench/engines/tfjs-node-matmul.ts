import type { ProductCase } from '../cases/product-case.ts';
import { readInput, readKernel } from '../cases/product-files.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';

/** The bare op of a Dense layer, `tf.fused.matMul`, without the layer and `predict` around it. */
export const tfjsNodeMatmul: Engine<ProductCase> = {
  name: 'tfjs-node fused.matMul',
  async prepare(work) {
    const kernel = tf.tensor2d(readKernel(work.folder), [work.k, work.n]);
    const x = readInput(work);
    return {
      run() {
        const input = tf.tensor2d(x, [work.m, work.k]);
        const output = tf.fused.matMul({ a: input, b: kernel });
        const result = output.dataSync() as Float32Array;
        input.dispose();
        output.dispose();
        return result;
      },
      facts: tensorflowVersions,
      dispose: () => kernel.dispose(),
    };
  },
};
