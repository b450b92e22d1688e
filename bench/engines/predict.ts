import type * as tfjs from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * One call of `model.predict` as a program with plain arrays makes it: the tensor in, the call, the values out, both
 * tensors freed. `predict` cuts its input into batches of 32 unless it is told the size: it always is here.
 */
export function predictCall(
  tf: Pick<typeof tfjs, 'tensor'>,
  model: LayersModel,
  x: Float32Array,
  batch: number,
  inputShape: readonly number[],
): () => Float32Array {
  const shape = [batch, ...inputShape];
  return () => {
    const input = tf.tensor(x, shape);
    const output = model.predict(input, { batchSize: batch }) as tfjs.Tensor;
    const values = output.dataSync() as Float32Array;
    input.dispose();
    output.dispose();
    return values;
  };
}
