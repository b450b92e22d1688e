// Neuron pruning by the norm of a kernel's columns: the weakest neurons of a layer go, the outputs hardly move.
// npx tsx examples/column-norm.ts
import * as tf from '@tensorflow/tfjs-node';
import { getSparsity, pruneLayerColumns } from '../lib/pruning.ts'; // in a project of your own: 'tfjs-sparse/pruning'

/** 64 inputs, 40 neurons, 10 outputs; the neurons get weaker from the first to the last, as after a training. */
function makeModel(): tf.Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: 'hidden', units: 40, activation: 'relu', inputShape: [64] }),
      tf.layers.dense({
        name: 'output',
        units: 10,
        kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }),
      }),
    ],
  });
  tf.tidy(() => {
    const strength = tf.pow(tf.scalar(0.9), tf.range(0, 40));
    const kernel = tf.randomNormal([64, 40], 0, 0.2, 'float32', 1).mul(strength);
    model.getLayer('hidden').setWeights([kernel, tf.zeros([40])]);
  });
  return model;
}

const x = tf.randomNormal([256, 64], 0, 1, 'float32', 3);
const before = makeModel().predict(x) as tf.Tensor;
const rows = [0.1, 0.25, 0.5, 0.7, 0.9].map((fraction) => {
  const model = makeModel();
  const { cutoff, norms, order } = pruneLayerColumns(model.getLayer('hidden'), fraction);
  const change = tf.tidy(
    () =>
      tf
        .norm(tf.sub(model.predict(x) as tf.Tensor, before))
        .div(tf.norm(before))
        .dataSync()[0]!,
  );
  const [hidden] = getSparsity(model).weights;
  return {
    fraction,
    'neurons pruned': cutoff,
    'largest norm pruned': norms[order[cutoff - 1]!]!.toFixed(3),
    'kernel zeros': `${(100 * hidden!.sparsity).toFixed(1)} %`,
    'outputs move by (L2)': `${(100 * change).toFixed(2)} %`,
  };
});
console.log('columns of a [64, 40] kernel, pruned by their L2 norm');
console.table(rows);
