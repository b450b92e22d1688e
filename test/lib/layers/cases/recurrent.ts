import * as tf from '@tensorflow/tfjs-node';
import type { Random } from '../../../helpers/random.ts';
import { anyActivation, coin, type LayerCases, type MakeLayer, picture, sequence } from './layer-case.ts';

/** Bounded activations: see recurrent.test.ts for what others do to rounding. */
function args(random: Random, units = random.integer(1, 12)) {
  return {
    units,
    activation: random.pick(['tanh', 'sigmoid', 'softsign'] as const) as 'tanh',
    recurrentActivation: random.pick(['hardSigmoid', 'sigmoid'] as const),
    useBias: coin(random),
    unitForgetBias: coin(random),
    implementation: random.pick([1, 2]),
    dropout: 0.5,
    recurrentDropout: 0.5,
  };
}

const layerArgs = (random: Random) => ({
  ...args(random),
  returnSequences: coin(random),
  returnState: coin(random),
  goBackwards: coin(random),
});

const makers = [tf.layers.simpleRNN, tf.layers.lstm, tf.layers.gru];
const recurrent =
  (make: (typeof makers)[number]): MakeLayer =>
  (random) => ({ layer: make(layerArgs(random) as never), inputs: [sequence(random)] });

const rnn: MakeLayer = (random) => {
  const { lstmCell, gruCell, simpleRNNCell } = tf.layers;
  const cell = () => random.pick([lstmCell, gruCell, simpleRNNCell])(args(random) as never);
  const { returnSequences, returnState, goBackwards } = layerArgs(random);
  const cells = coin(random) ? cell() : Array.from({ length: random.integer(2, 3) }, cell);
  return {
    layer: tf.layers.rnn({ cell: cells as never, returnSequences, returnState, goBackwards }),
    inputs: [sequence(random)],
  };
};

const bidirectional: MakeLayer = (random) => {
  const { goBackwards: _, returnState: __, ...rest } = layerArgs(random);
  const layer = random.pick(makers)(rest as never);
  const mergeMode = random.pick(['concat', 'sum', 'ave', 'mul', null]);
  return {
    layer: tf.layers.bidirectional({ layer: layer as never, mergeMode: mergeMode as never }),
    inputs: [sequence(random)],
  };
};

const timeDistributed: MakeLayer = (random) => {
  const dense = () => tf.layers.dense({ ...anyActivation(random), units: random.integer(1, 6) });
  const deep = random.pick([
    () => tf.layers.conv2d({ ...anyActivation(random), filters: 3, kernelSize: 2, padding: 'same' }),
    () => tf.layers.maxPooling2d({ poolSize: 2, padding: 'same' }),
    () => tf.layers.flatten(),
  ]);
  const layer = coin(random) ? dense() : undefined;
  return {
    layer: tf.layers.timeDistributed({ layer: layer ?? deep() }),
    inputs: [layer ? sequence(random) : [random.integer(1, 4), ...picture(random)]],
  };
};

/** Words below `inputDim`. */
const embedding: MakeLayer = (random) => {
  const [inputDim, steps, batch] = [random.integer(1, 9), random.integer(1, 7), 3];
  const words = Float32Array.from({ length: batch * steps }, () => random.integer(0, inputDim - 1));
  return {
    layer: tf.layers.embedding({ inputDim, outputDim: random.integer(1, 8), maskZero: coin(random) }),
    inputs: [[steps]],
    run: { inputs: [words], batch },
  };
};

/** Some steps are all of the number that stands for nothing. */
const masking: MakeLayer = (random) => {
  const [[steps, features], batch] = [sequence(random) as [number, number], 3];
  const maskValue = random.pick([0, -1, 2.5]);
  const values = random.floats(batch * steps * features);
  for (let step = 0; step < batch * steps; step++)
    if (coin(random)) values.fill(maskValue, step * features, (step + 1) * features);
  return {
    layer: tf.layers.masking({ maskValue }),
    inputs: [[steps, features]],
    run: { inputs: [values], batch },
  };
};

/** Layers of sequences. Masks go from layer to layer in masks.test.ts. */
export const recurrentCases: LayerCases = {
  SimpleRNN: recurrent(tf.layers.simpleRNN),
  LSTM: recurrent(tf.layers.lstm),
  GRU: recurrent(tf.layers.gru),
  RNN: rnn,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed,
  Embedding: embedding,
  Masking: masking,
};
