import type { HandBuiltModel } from './hand-built-model.ts';

const words = 1000;

/** The next word after each of 32: an embedding, two GRUs, a distribution over the words. */
export const gruLanguageModel: HandBuiltModel = {
  name: 'gru-language-model',
  words,
  build: (tf) => {
    const gru = () =>
      tf.layers.gru({ units: 128, returnSequences: true, recurrentInitializer: 'glorotUniform' });
    return tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: words, outputDim: 64, inputLength: 32 }),
        gru(),
        gru(),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: words, activation: 'softmax' }) }),
      ],
    });
  },
};
