import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { prunableWeights } from '../../../lib/layers/registry.ts';
import { findWrappers } from '../../../lib/pruning/find-wrappers.ts';
import { layerFromSaved } from '../../../lib/pruning/layer-copies.ts';
import { pruneLowMagnitude } from '../../../lib/pruning/prune-low-magnitude.ts';
import { constantSparsity } from '../../../lib/pruning/schedules.ts';
import type { PruningWrapper } from '../../../lib/pruning/wrapper.ts';
import type { Adapter } from '../adapter.ts';
import type { Comparison } from '../comparison.ts';
import { useCpuBackend } from '../cpu-backend.ts';
import type { Fields } from '../fields.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;

const convolution = ({ kernel = [], bias }: Shapes) => ({
  filters: kernel.at(-1),
  kernelSize: kernel.slice(0, -2),
  useBias: bias !== undefined,
});
const recurrent = ({ recurrent_kernel = [], bias }: Shapes) => ({
  units: recurrent_kernel[0],
  useBias: bias !== undefined,
});

/** A layer's configuration, told by the shapes of its variables; classes without variables take their defaults. */
const configs: Readonly<Record<string, (shapes: Shapes) => object>> = {
  Activation: () => ({ activation: 'relu' }),
  BatchNormalization: ({ gamma, beta }) => ({ scale: gamma !== undefined, center: beta !== undefined }),
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  Dense: ({ kernel = [], bias }) => ({ units: kernel[1], useBias: bias !== undefined }),
  DepthwiseConv2D: ({ depthwise_kernel = [], bias }) => ({
    kernelSize: depthwise_kernel.slice(0, 2),
    depthMultiplier: depthwise_kernel[3],
    useBias: bias !== undefined,
  }),
  Dropout: () => ({ rate: 0.5 }),
  Embedding: ({ embeddings = [] }) => ({ inputDim: embeddings[0], outputDim: embeddings[1] }),
  GRU: recurrent,
  LSTM: recurrent,
  SimpleRNN: recurrent,
  SeparableConv2D: ({ depthwise_kernel = [], pointwise_kernel = [], bias }) => ({
    kernelSize: depthwise_kernel.slice(0, 2),
    depthMultiplier: depthwise_kernel[3],
    filters: pointwise_kernel[3],
    useBias: bias !== undefined,
  }),
};

const prefix = 'prune_low_magnitude_';

interface Variable {
  name: string;
  shape: number[];
  trainable: boolean;
}

function readVariables(fields: Fields): Variable[] {
  return fields.objects('variables').map((variable) => {
    const [name, shape] = [variable.string('name'), variable.numbers('shape')];
    return { name, shape, trainable: variable.boolean('trainable') };
  });
}

function sizeOf(weights: readonly { shape: readonly (number | null)[] }[]): number {
  return weights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0);
}

function buildModel(
  inputShape: number[],
  layers: readonly Fields[],
  variables: readonly Variable[][],
): LayersModel {
  const model = sequential();
  layers.forEach((layer, i) => {
    const className = layer.string('wrapped');
    const shapes = Object.fromEntries(variables[i]!.map(({ name, shape }) => [name, shape]));
    const config = {
      name: layer.string('name').slice(prefix.length),
      ...configs[className]?.(shapes),
      ...(i === 0 && { batchInputShape: [null, ...inputShape] }),
    };
    model.add(layerFromSaved({ className, config: config as unknown as tf.serialization.ConfigDict }));
  });
  return model;
}

function checkLayer(
  wrapper: PruningWrapper,
  layer: Fields,
  expected: readonly Variable[],
  compare: Comparison,
) {
  const name = layer.string('name');
  compare.same('name', name, wrapper.name);
  compare.same(`${name} wraps`, layer.string('wrapped'), wrapper.layer.getClassName());
  compare.number(`${name} params`, layer.number('params'), wrapper.countParams());
  compare.number(`${name} trainable`, layer.number('trainable'), sizeOf(wrapper.trainableWeights));
  compare.number(`${name} non_trainable`, layer.number('non_trainable'), sizeOf(wrapper.nonTrainableWeights));
  const prunable = layer.objects('prunable');
  compare.same(`${name} prunable`, prunable.length, wrapper.pruned.length);
  prunable.forEach((weight, i) => {
    const received = wrapper.pruned[i]!;
    compare.same(`${name} prunable[${i}]`, weight.string('name'), received.name);
    compare.shape(`${name} prunable[${i}]`, weight.numbers('shape'), received.weight.shape);
  });
  compare.same(`${name} variables`, expected.length, wrapper.weights.length);
  expected.forEach((variable, i) => {
    const received = wrapper.weights[i]!;
    // A second mask of a layer carries its weight's name here, and is called as the first one there.
    const ownName = received.originalName
      .split('/')
      .at(-1)!
      .replace(/^.*_(mask|threshold)$/, '$1');
    compare.same(`${name} variable ${i}`, variable.name, ownName);
    compare.shape(`${name} ${variable.name}`, variable.shape, received.shape);
    compare.same(`${name} ${variable.name} trainable`, variable.trainable, received.trainable);
  });
}

export const tfmotWrapper: Adapter = {
  sections: {
    supported_layers: (fields, compare) => {
      for (const className of fields.keys()) {
        compare.same(className, fields.boolean(className), prunableWeights(className) !== undefined);
      }
    },
    cases: async (fields, compare) => {
      await useCpuBackend();
      fields.string('model');
      const layers = fields.objects('layers');
      const variables = layers.map(readVariables);
      const model = buildModel(fields.numbers('input_shape'), layers, variables);
      const pruningSchedule = constantSparsity({ targetSparsity: 0.5 });
      const wrapped = pruneLowMagnitude(model, { pruningSchedule, compat: 'tfmot' });
      findWrappers(wrapped).forEach((wrapper, i) => {
        checkLayer(wrapper, layers[i]!, variables[i]!, compare);
      });
      compare.number('unwrapped_total', fields.number('unwrapped_total'), model.countParams());
      compare.number('total', fields.number('total'), wrapped.countParams());
      compare.number('trainable', fields.number('trainable'), sizeOf(wrapped.trainableWeights));
      compare.number('non_trainable', fields.number('non_trainable'), sizeOf(wrapped.nonTrainableWeights));
      wrapped.dispose();
    },
  },
};
