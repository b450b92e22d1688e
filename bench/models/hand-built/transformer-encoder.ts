import type { SymbolicTensor } from '@tensorflow/tfjs';
import { applyTo, type HandBuiltModel, type TfLayers } from './hand-built-model.ts';

const [steps, width, heads] = [32, 64, 4];

/** Two blocks of self-attention and a feed-forward network over 32 vectors, each with its residual; then a class. */
export const transformerEncoder: HandBuiltModel = {
  name: 'transformer-encoder',
  build: (tf) => {
    const { layers } = tf;
    const input = tf.input({ shape: [steps, 24] });
    let x = applyTo(layers.dense({ units: width }), input);
    for (let block = 0; block < 2; block++) {
      x = withResidual(tf, x, attention(tf, x));
      const wide = applyTo(layers.dense({ units: 2 * width, activation: 'relu' }), x);
      x = withResidual(tf, x, applyTo(layers.dense({ units: width }), wide));
    }
    const pooled = applyTo(layers.globalAveragePooling1d({}), x);
    const output = applyTo(layers.dense({ units: 6, activation: 'softmax' }), pooled);
    return tf.model({ inputs: input, outputs: output });
  },
};

/** softmax(Q · Kᵀ) · V for each head, by Dot; the scale is part of the queries' weights. */
function attention(tf: TfLayers, x: SymbolicTensor): SymbolicTensor {
  const { layers } = tf;
  const part = () => applyTo(layers.dense({ units: width / heads }), x);
  const results = Array.from({ length: heads }, () => {
    const scores = applyTo(layers.dot({ axes: [2, 2] }), [part(), part()]);
    return applyTo(layers.dot({ axes: [2, 1] }), [applyTo(layers.softmax({ axis: -1 }), scores), part()]);
  });
  return applyTo(layers.dense({ units: width }), applyTo(layers.concatenate(), results));
}

function withResidual(tf: TfLayers, x: SymbolicTensor, change: SymbolicTensor): SymbolicTensor {
  return applyTo(tf.layers.layerNormalization({}), applyTo(tf.layers.add(), [x, change]));
}
