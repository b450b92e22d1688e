import { applyTo, type HandBuiltModel } from './hand-built-model.ts';

/** A picture, a series and a few numbers in; a class and a score out. */
export const multiInput: HandBuiltModel = {
  name: 'multi-input',
  build: (tf) => {
    const { layers } = tf;
    const picture = tf.input({ shape: [32, 32, 3], name: 'picture' });
    const series = tf.input({ shape: [24, 8], name: 'series' });
    const numbers = tf.input({ shape: [10], name: 'numbers' });
    const convolved = applyTo(
      layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, activation: 'relu', padding: 'same' }),
      picture,
    );
    const seen = applyTo(layers.globalAveragePooling2d({}), convolved);
    const heard = applyTo(layers.lstm({ units: 32, recurrentInitializer: 'glorotUniform' }), series);
    const read = applyTo(layers.dense({ units: 16, activation: 'tanh' }), numbers);
    const all = applyTo(layers.concatenate(), [seen, heard, read]);
    const hidden = applyTo(layers.dense({ units: 48, activation: 'relu' }), all);
    const kind = applyTo(layers.dense({ units: 5, activation: 'softmax', name: 'kind' }), hidden);
    const score = applyTo(layers.dense({ units: 1, activation: 'sigmoid', name: 'score' }), hidden);
    return tf.model({ inputs: [picture, series, numbers], outputs: [kind, score] });
  },
};
