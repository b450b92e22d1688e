import * as tf from '@tensorflow/tfjs-core';
import { CustomCallback, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import { pruneLowMagnitude } from '../../../lib/pruning/prune-low-magnitude.ts';
import { stripPruning } from '../../../lib/pruning/strip.ts';
import type { StructureOptions } from '../../../lib/pruning/structure-options.ts';
import { updatePruningStep } from '../../../lib/pruning/update-pruning-step.ts';
import type { PruningWrapper } from '../../../lib/pruning/wrapper.ts';
import type { Adapter } from '../adapter.ts';
import type { Comparison } from '../comparison.ts';
import { useCpuBackend } from '../cpu-backend.ts';
import type { Fields, VectorTensor } from '../fields.ts';
import { readSchedule } from './schedule.ts';

interface DenseWeights {
  name: string;
  kernel: VectorTensor;
  bias: VectorTensor;
}

function toTensor({ data, shape }: VectorTensor): tf.Tensor {
  return tf.tensor(data, shape);
}

/** `d1_kernel`, `d1_bias`, `d2_kernel`, ... in this order. */
function readLayers(initial: Fields): DenseWeights[] {
  const names = initial
    .keys()
    .flatMap((key) => (key.endsWith('_kernel') ? [key.slice(0, -'_kernel'.length)] : []));
  return names.map((name) => ({
    name,
    kernel: initial.tensor(`${name}_kernel`),
    bias: initial.tensor(`${name}_bias`),
  }));
}

/** A perceptron: relu between the layers, nothing after the last. */
function buildModel(weights: readonly DenseWeights[]): LayersModel {
  const model = sequential();
  weights.forEach(({ name, kernel }, i) => {
    const [inputs, units] = kernel.shape as [number, number];
    const activation = i === weights.length - 1 ? 'linear' : 'relu';
    model.add(layers.dense({ name, units, activation, ...(i === 0 && { inputShape: [inputs] }) }));
  });
  model.setWeights(weights.flatMap(({ kernel, bias }) => [toTensor(kernel), toTensor(bias)]));
  return model;
}

function readOptimizer(fields: Fields): tf.Optimizer {
  const name = fields.string('class');
  if (name !== 'SGD') throw new Error(`${fields.path}: optimizer not understood: ${name}`);
  const rate = fields.number('learning_rate');
  if (!fields.has('momentum')) return tf.train.sgd(rate);
  return tf.train.momentum(rate, fields.number('momentum'));
}

function readStructureOptions(fields: Fields): StructureOptions {
  const pairOf = (key: string) => fields.numbers(key) as [number, number];
  return {
    ...(fields.has('block_size') && { blockSize: pairOf('block_size') }),
    ...(fields.has('block_pooling_type') && {
      blockPoolingType: fields.string('block_pooling_type') as 'AVG' | 'MAX',
    }),
    ...(fields.has('sparsity_m_by_n') && { sparsityMByN: pairOf('sparsity_m_by_n') }),
  };
}

function checkWrapper(expected: Fields, wrapper: PruningWrapper, compare: Comparison): void {
  const [weight] = wrapper.pruned;
  const [kernel, bias] = wrapper.getWeights();
  const name = wrapper.layer.name;
  compare.number(`${name} pruning_step`, expected.number('pruning_step'), wrapper.pruningStep);
  compare.mask(`${name} mask`, expected.numbers('mask'), weight!.readMask(), expected.maybe('tied') === true);
  compare.numbers(`${name} threshold`, [expected.number('threshold')], weight!.threshold.read().dataSync());
  compare.numbers(`${name} kernel`, expected.numbers('kernel'), kernel!.dataSync());
  compare.numbers(`${name} bias`, expected.numbers('bias'), bias!.dataSync());
}

export const tfmotTraining: Adapter = {
  sections: {
    cases: async (fields, compare) => {
      await useCpuBackend();
      fields.string('name');
      compare.same('loss', 'mean squared error over all output elements of the batch', fields.string('loss'));
      compare.same('shuffle', false, fields.boolean('shuffle'));
      const weights = readLayers(fields.object('initial'));
      const model = pruneLowMagnitude(buildModel(weights), {
        pruningSchedule: readSchedule(fields.object('schedule')),
        ...readStructureOptions(fields.object('extra')),
        compat: 'tfmot',
      });
      model.compile({ optimizer: readOptimizer(fields.object('optimizer')), loss: 'meanSquaredError' });
      const wrappers = findWrappers(model);
      const batches = fields.objects('after_each_batch');
      const epochs = fields.objects('after_each_epoch_kernels');
      let batch = 0;
      const follow = new CustomCallback({
        onBatchEnd: async (inEpoch, logs) => {
          const expected = batches[batch]!;
          // Keras logs the mean of the epoch so far, which is the batch's own loss at the first one only.
          const loss = expected.number('loss');
          if (inEpoch === 0) compare.number(`loss of batch ${batch}`, loss, logs!.loss as number);
          for (const wrapper of wrappers) checkWrapper(expected.object(wrapper.layer.name), wrapper, compare);
          batch++;
        },
        onEpochEnd: async (epoch, logs) => {
          compare.number(`loss of epoch ${epoch}`, batches[batch - 1]!.number('loss'), logs!.loss as number);
          for (const { layer } of wrappers) {
            const received = layer.getWeights()[0]!.dataSync();
            compare.numbers(
              `${layer.name} after epoch ${epoch}`,
              epochs[epoch]!.numbers(layer.name),
              received,
            );
          }
        },
      });
      await model.fit(toTensor(fields.tensor('x')), toTensor(fields.tensor('y')), {
        batchSize: fields.number('batch_size'),
        epochs: fields.number('epochs'),
        shuffle: false,
        verbose: 0,
        callbacks: [updatePruningStep(), follow],
      });
      compare.same('batches', batches.length, batch);
      const stripped = stripPruning(model);
      const kernels = fields.list('stripped_kernels') as number[][];
      compare.same('stripped_kernels', kernels.length, stripped.layers.length);
      stripped.layers.forEach((layer, i) => {
        compare.numbers(`${layer.name} stripped`, kernels[i]!, layer.getWeights()[0]!.dataSync());
      });
    },
  },
};
