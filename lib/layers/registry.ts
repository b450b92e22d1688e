import { activation } from './activation.ts';
import { batchNormalization } from './batch-normalization.ts';
import { bidirectional } from './bidirectional.ts';
import { categoryEncoding } from './category-encoding.ts';
import { centerCrop } from './center-crop.ts';
import { concatenate } from './concatenate.ts';
import { conv1d } from './conv1d.ts';
import { conv2d } from './conv2d.ts';
import { conv2dTranspose } from './conv2d-transpose.ts';
import { cropping1d, cropping2d } from './cropping.ts';
import { dense } from './dense.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { dot } from './dot.ts';
import { elu } from './elu.ts';
import { embedding } from './embedding.ts';
import { flatten } from './flatten.ts';
import {
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
} from './global-pooling.ts';
import { identity } from './identity.ts';
import { inputLayer } from './input-layer.ts';
import { layerNormalization } from './layer-normalization.ts';
import type { LayerType } from './layer-type.ts';
import { leakyRelu } from './leaky-relu.ts';
import { masking } from './masking.ts';
import { add, average, maximum, minimum, multiply, subtract } from './merge.ts';
import { normalization } from './normalization.ts';
import { permute } from './permute.ts';
import { averagePooling1d, maxPooling1d } from './pooling1d.ts';
import { averagePooling2d, maxPooling2d } from './pooling2d.ts';
import { prelu } from './prelu.ts';
import { recurrent } from './recurrent.ts';
import { relu } from './relu.ts';
import { repeatVector } from './repeat-vector.ts';
import { rescaling } from './rescaling.ts';
import { reshape } from './reshape.ts';
import { resizing, upSampling2d } from './resizing.ts';
import { separableConv2d } from './separable-conv2d.ts';
import { softmax } from './softmax.ts';
import { tfFunction } from './tf-functions.ts';
import { thresholdedRelu } from './thresholded-relu.ts';
import { timeDistributed } from './time-distributed.ts';
import { uncompiled } from './uncompiled.ts';
import { zeroPadding1d, zeroPadding2d } from './zero-padding.ts';

const types: readonly LayerType[] = [
  inputLayer,
  dense,
  conv2d,
  depthwiseConv2d,
  maxPooling2d,
  averagePooling2d,
  globalMaxPooling2d,
  globalAveragePooling2d,
  batchNormalization,
  activation,
  relu,
  leakyRelu,
  elu,
  softmax,
  flatten,
  reshape,
  identity,
  add,
  subtract,
  multiply,
  average,
  maximum,
  minimum,
  concatenate,
  dot,
  permute,
  repeatVector,
  embedding,
  masking,
  recurrent,
  bidirectional,
  timeDistributed((className) => byClassName.get(className)),
  conv1d,
  separableConv2d,
  conv2dTranspose,
  maxPooling1d,
  averagePooling1d,
  globalMaxPooling1d,
  globalAveragePooling1d,
  layerNormalization,
  prelu,
  thresholdedRelu,
  zeroPadding1d,
  zeroPadding2d,
  cropping1d,
  cropping2d,
  upSampling2d,
  resizing,
  centerCrop,
  rescaling,
  categoryEncoding,
  normalization,
  tfFunction,
  ...uncompiled,
];

const byClassName: ReadonlyMap<string, LayerType> = new Map(
  types.flatMap((type) => type.classNames.map((name) => [name, type] as const)),
);

/** The layer type of a TF.js class, or `undefined` for a class that this package has never heard of. */
export function findLayerType(className: string): LayerType | undefined {
  return byClassName.get(className);
}

/**
 * Names of the weights of a layer class that pruning may zero (the last part of TF.js's weight name).
 *
 * @returns an empty list for a class that is accepted and left as it is; `undefined` for a class that is
 *   refused or unknown (a custom layer names its own weights by `getPrunableWeights()`)
 * @see TFMOT's `prune_registry.py` for the same table
 */
export function prunableWeights(className: string): readonly string[] | undefined {
  return byClassName.get(className)?.prunable;
}

/** Every class that `compile` can lower. */
export function compiledClasses(): string[] {
  return types.flatMap((type) => (type.lower ? [...type.classNames] : []));
}
