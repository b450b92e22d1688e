import type * as tfjs from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { maskByMagnitude } from '../../lib/pruning/mask.ts';
import { prunableWeightsOf } from '../../lib/pruning/prunable-weights.ts';
import { afterStep, constantSparsity, prune } from '../../lib/pruning.ts';
import { randomValues } from '../../lib/sparse/random.ts';
import type { StepCase } from '../cases/step-case.ts';
import { imageShape, network } from '../demo/networks.ts';
import type { Engine } from '../runner/engine.ts';
import { tensorflowVersions, tf } from './load-tfjs-node.ts';

const classes = 10;

function modelOf({ network: name, seed }: StepCase): LayersModel {
  if (name === 'cnn') return network('cnn', seed);
  return tf.sequential({
    layers: [1024, 1024, classes].map((units, i) =>
      tf.layers.dense({
        name: `dense_${i + 1}`,
        units,
        ...(i === 0 ? { inputShape: [784] } : {}),
        ...(units === classes ? {} : { activation: 'relu' as const }),
        kernelInitializer: tf.initializers.glorotUniform({ seed: seed + i }),
      }),
    ),
  });
}

function dataOf({ network: name, batch, seed }: StepCase): { x: tfjs.Tensor; labels: tfjs.Tensor } {
  const shape = [batch, ...(name === 'cnn' ? imageShape.cnn : [784])];
  const x = tf.tensor(randomValues(batch * 784, seed), shape);
  const labels = tf.tidy(() =>
    tf.oneHot(tf.range(0, batch, 1, 'int32').mod(tf.scalar(classes, 'int32')), classes),
  );
  return { x, labels };
}

/** Zeroes by hand what a schedule of that sparsity prunes, as a program without this package would. */
function zeroed(model: LayersModel, sparsity: number): () => void {
  const masks = model.layers.flatMap((layer) =>
    prunableWeightsOf(layer).map((weight) => {
      const tensor = weight.read();
      const rule = { sparsity, structure: { type: 'unstructured' }, compat: 'exact' } as const;
      const { mask } = maskByMagnitude(tensor.dataSync() as Float32Array, tensor.shape, rule);
      return { weight, mask: tf.tensor(Float32Array.from(mask), tensor.shape) };
    }),
  );
  return () =>
    tf.tidy(() => {
      for (const { weight, mask } of masks) weight.write(weight.read().mul(mask));
    });
}

/**
 * A step of Adam by `optimizer.minimize`. Compared are the outputs after one step from zeroed weights: the plain
 * model's zeros are made by hand before and after it. From then on the plain model trains as it likes.
 */
function engine(
  name: string,
  wrap: ((model: LayersModel, work: StepCase) => LayersModel) | undefined,
): Engine<StepCase> {
  return {
    name,
    async prepare(work) {
      const given = modelOf(work);
      const model = wrap ? wrap(given, work) : given;
      const { x, labels } = dataOf(work);
      const optimizer = tf.train.adam();
      const loss = () =>
        tf.losses.softmaxCrossEntropy(
          labels,
          model.apply(x, { training: true }) as tfjs.Tensor,
        ) as tfjs.Scalar;
      if (wrap) afterStep(model, optimizer);
      const step = () => {
        optimizer.minimize(loss);
        if (wrap) afterStep(model, optimizer);
      };
      const byHand = wrap ? () => {} : zeroed(model, work.sparsity);
      byHand();
      step();
      byHand();
      const outputs = model.predict(x) as tfjs.Tensor;
      const first = outputs.dataSync() as Float32Array;
      outputs.dispose();
      return {
        run() {
          step();
          return first;
        },
        facts: tensorflowVersions,
        dispose: () => tf.dispose([x, labels]),
      };
    },
  };
}

/** Masks are there from the first step on, and are ranked again every 100 steps, as by default. */
const scheduleOf = ({ sparsity }: StepCase) => constantSparsity({ targetSparsity: sparsity, beginStep: 1 });

/** A model that nobody prunes. */
export const plainStep = engine('plain step', undefined);
/** By magnitude, zeros kept. */
export const prunedStep = engine('pruned step', (model, work) =>
  prune(model, { schedule: scheduleOf(work) }),
);
