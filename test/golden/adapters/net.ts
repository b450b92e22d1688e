import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import type { Batch } from '../../../lib/pruning/batches.ts';
import type { LiveContext } from '../../../lib/pruning/criteria/live-criterion.ts';
import { liveWeights } from '../../../lib/pruning/live-weights.ts';
import type { Comparison } from '../comparison.ts';
import type { Fields, VectorTensor } from '../fields.ts';

export function toTensor({ data, shape }: VectorTensor): tf.Tensor {
  return tf.tensor(data, shape);
}

/** A layer with weights, or without. */
type Part = 'relu' | 'flatten' | { kernel: VectorTensor; bias: VectorTensor | undefined };

function readPart(fields: Fields): Part {
  const kind = fields.string('kind');
  if (kind === 'relu' || kind === 'flatten') return kind;
  const kernel = fields.tensor('kernel');
  const rank = { dense: 2, conv: 4 }[kind];
  if (rank === undefined || kernel.shape.length !== rank) {
    throw new Error(`${fields.path}: layer not understood: ${kind} of shape [${kernel.shape}]`);
  }
  const bias = fields.take('bias') === null ? undefined : fields.tensor('bias');
  return { kernel, bias };
}

/** The model of `net`: Dense and Conv2D (valid, stride 1, channels last) with linear activations, relu and flatten between. */
export function readNet(net: readonly Fields[], inputShape: number[]): LayersModel {
  const model = sequential({ layers: [layers.inputLayer({ inputShape })] });
  for (const part of net.map(readPart)) {
    if (part === 'relu') model.add(layers.reLU());
    else if (part === 'flatten') model.add(layers.flatten());
    else {
      const { shape } = part.kernel;
      const useBias = part.bias !== undefined;
      const units = shape.at(-1)!;
      model.add(
        shape.length === 2
          ? layers.dense({ units, useBias })
          : layers.conv2d({ filters: units, kernelSize: shape.slice(0, 2), useBias }),
      );
      model.layers
        .at(-1)!
        .setWeights([part.kernel, part.bias].flatMap((one) => (one ? [toTensor(one)] : [])));
    }
  }
  return model;
}

/** `batches`: inputs, and labels as class numbers. */
export function readBatches(fields: readonly Fields[]): Batch[] {
  return fields.map((batch) => ({
    xs: toTensor(batch.tensor('x')),
    ys: tf.tensor1d(batch.numbers('labels'), 'int32'),
  }));
}

/** What the criteria's functions take; the model ends in logits. */
export function contextOf(
  criterion: string,
  model: LayersModel,
  batches: readonly Batch[],
  temperature?: number,
): LiveContext {
  return {
    what: 'golden',
    criterion,
    model,
    given: model,
    weights: liveWeights('golden', model),
    batches,
    loss: 'softmaxCrossEntropy',
    temperature,
  };
}

/** A list of tensors, one per prunable weight in the order of the layers. */
export function compareTensors(
  name: string,
  fields: readonly VectorTensor[],
  received: ReadonlyMap<string, Float32Array | Uint8Array>,
  compare: Comparison,
): void {
  const values = [...received.values()];
  compare.same(`${name}, weights`, fields.length, values.length);
  fields.forEach(({ data }, i) => {
    if (name === 'masks') compare.mask(`${name}[${i}]`, data, values[i]!);
    else compare.numbers(`${name}[${i}]`, data, values[i]!);
  });
}
