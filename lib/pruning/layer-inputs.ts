import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { SparseError } from '../errors.ts';
import type { Batch } from './batches.ts';
import type { LiveWeight } from './live-weights.ts';
import { tfc } from './peers.ts';
import { asList, type Layer } from './tf-types.ts';

/** Takes vectors that a weight matrix is multiplied with: [sequences, vectors, features], row-major. */
export type TakeVectors = (values: Float32Array, shape: readonly number[]) => void;

interface ConvolutionConfig {
  strides: number | number[];
  padding: 'valid' | 'same' | 'causal';
  dilationRate: number | number[];
  dataFormat?: string;
}

type ConvInfo = ReturnType<typeof tfc.backend_util.computeConv2DInfo>;

/** Patches of one picture, each in the order of the kernel's axes [height, width, channels]; zeros beyond the edge. */
function patches(picture: Float32Array, info: ConvInfo): Float32Array {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const features = filterHeight * filterWidth * inChannels;
  const out = new Float32Array(outHeight * outWidth * features);
  let at = 0;
  for (let row = 0; row < outHeight; row++) {
    for (let column = 0; column < outWidth; column++) {
      for (let i = 0; i < filterHeight; i++) {
        const y = row * strideHeight - padInfo.top + i * dilationHeight;
        for (let j = 0; j < filterWidth; j++, at += inChannels) {
          const x = column * strideWidth - padInfo.left + j * dilationWidth;
          if (y < 0 || y >= inHeight || x < 0 || x >= inWidth) continue;
          const from = (y * inWidth + x) * inChannels;
          out.set(picture.subarray(from, from + inChannels), at);
        }
      }
    }
  }
  return out;
}

/** The second axis of a pair: of a Conv1D, its only one. */
const lastOf = (value: number | number[]) => (Array.isArray(value) ? value.at(-1)! : value);
const firstOf = (value: number | number[]) => (Array.isArray(value) ? value[0]! : value);

function unfold(input: Tensor, weight: LiveWeight, take: TakeVectors): void {
  const config = weight.layer.getConfig() as unknown as ConvolutionConfig;
  const flat = weight.shape.length === 3;
  const [batch, ...rest] = input.shape as number[];
  // A Conv1D is a Conv2D of height 1.
  const shape = (flat ? [1, 1, ...rest] : [1, ...rest]) as [number, number, number, number];
  const kernel = (flat ? [1, ...weight.shape] : weight.shape) as [number, number, number, number];
  const pair = (value: number | number[]): [number, number] => [flat ? 1 : firstOf(value), lastOf(value)];
  const dilations = pair(config.dilationRate);
  const info = tfc.backend_util.computeConv2DInfo(
    shape,
    kernel,
    pair(config.strides),
    dilations,
    config.padding as 'valid' | 'same',
  );
  const values = input.dataSync() as Float32Array;
  const size = values.length / batch!;
  const features = kernel[0] * kernel[1] * kernel[2];
  for (let i = 0; i < batch!; i++) {
    const vectors = patches(values.subarray(i * size, (i + 1) * size), info);
    take(vectors, [1, vectors.length / features, features]);
  }
}

/**
 * Whether a weight is a matrix that vectors of its layer's input are multiplied with: of Dense, Conv1D and Conv2D.
 *
 * @throws {@link SparseError} `ERR_SPARSE_UNSUPPORTED_LAYER` otherwise, naming the layer
 */
export function checkVectors(what: string, criterion: string, { layer, key }: LiveWeight): void {
  const className = layer.getClassName();
  const { dataFormat, padding } = layer.getConfig() as unknown as Partial<ConvolutionConfig>;
  const known = ['Dense', 'Conv1D', 'Conv2D'].includes(className);
  if (known && dataFormat !== 'channelsFirst' && padding !== 'causal') return;
  const received = known
    ? `${className} with ${padding === 'causal' ? 'causal padding' : dataFormat}`
    : className;
  throw new SparseError(
    'ERR_SPARSE_UNSUPPORTED_LAYER',
    `${what}: criterion "${criterion}" cannot calibrate ${key} of layer "${layer.name}" (${received}), expected Dense, Conv1D ` +
      'or Conv2D, channels last. Leave the layer out by a policy, or take another criterion.',
    { layer: layer.name, tensor: key, expected: ['Dense', 'Conv1D', 'Conv2D'], received },
  );
}

/** Runs a batch through the model as it is now and gives what reaches a weight, at every use of its layer. */
export function layerVectors(model: LayersModel, weight: LiveWeight, batch: Batch, take: TakeVectors): void {
  const layer: Layer = weight.layer;
  const { call } = layer;
  layer.call = (inputs, args) => {
    const [input] = asList(inputs);
    if (weight.shape.length === 2) take(input!.dataSync() as Float32Array, input!.shape);
    else unfold(input!, weight, take);
    return call.call(layer, inputs, args);
  };
  try {
    tfc.tidy(() => {
      const inputs = asList(batch.xs);
      model.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false });
    });
  } finally {
    delete (layer as Partial<Layer>).call;
  }
}
