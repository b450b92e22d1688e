import type { HandBuiltModel } from './hand-built-model.ts';

const words = 2000;

/** Classifies sentences of up to 64 words, 0 for the rest: an embedding with a mask, LSTMs from both ends. */
export const bidirectionalLstm: HandBuiltModel = {
  name: 'bidirectional-lstm',
  words,
  build: (tf) =>
    tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: words, outputDim: 64, inputLength: 64, maskZero: true }),
        tf.layers.bidirectional({
          layer: tf.layers.lstm({ units: 64, recurrentInitializer: 'glorotUniform' }) as never,
          mergeMode: 'concat',
        }),
        tf.layers.dense({ units: 64, activation: 'relu' }),
        tf.layers.dense({ units: 4, activation: 'softmax' }),
      ],
    }),
};
