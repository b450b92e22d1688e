/**
 * The plan: what a compiled model does, as plain data. `compile` makes it, `save` writes it, `describe` prints
 * it, the native session runs it.
 *
 * Memory of an activation is feature-major, the batch innermost: `[channels][height][width][batch]`. A vector of
 * features has height = width = 1; `[steps, features]` has height 1, width = steps, channels = features; further
 * axes in front are folded into the height. Row-major order of the logical shape is always (row, column, channel).
 *
 * Flatten changes `shape` only, by an alias step: a flattened feature map keeps its channels, height and width,
 * and the weight that reads it has its inputs in memory order (channel, row, column). So a matmul whose `k` is
 * `channels` runs at every position, and one whose `k` is `channels · height · width` reads the whole value.
 */
export interface PlanValue {
  /** Name of the layer (and tensor) that makes it. */
  name: string;
  /** Logical shape as TF.js has it, batch left out: `[height, width, channels]`, `[steps, features]`, `[features]`. */
  shape: number[];
  channels: number;
  height: number;
  width: number;
  dtype: 'float32';
}

/** Index into `Plan.values`. */
export type ValueId = number;
/** Key of `Plan.tensors`. */
export type TensorName = string;

/** An activation function; the scalars are used by leakyRelu (alpha) and clamp (min, max). */
export type PlanActivation =
  | {
      type:
        | 'linear'
        | 'relu'
        | 'relu6'
        | 'sigmoid'
        | 'tanh'
        | 'elu'
        | 'selu'
        | 'gelu'
        | 'swish'
        | 'softplus'
        | 'hardSigmoid';
    }
  | { type: 'leakyRelu'; alpha: number }
  | { type: 'clamp'; min: number; max: number };

/** Geometry of a sliding window over height and width. Padding is explicit: same/valid is resolved when lowering. */
export interface Window {
  /** [height, width] of the window. */ kernel: [number, number];
  strides: [number, number];
  dilations: [number, number];
  /** [top, bottom, left, right] */ padding: [number, number, number, number];
}

interface StepBase {
  /** Name of the TF.js layer it comes from; fused layers are joined by `+`. */
  layer: string;
  inputs: ValueId[];
  output: ValueId;
}

/** y = activation(x · Wᵀ + bias): Dense, and 1×1 convolutions of stride 1. Weight [n outputs, k inputs], inputs in memory order. */
export interface MatmulStep extends StepBase {
  op: 'matmul';
  weight: TensorName;
  bias?: TensorName;
  n: number;
  k: number;
  activation: PlanActivation;
}
/** Weight [n outputs, kernel height · kernel width · input channels], inputs in the order (row, column, channel). */
export interface Conv2dStep extends StepBase {
  op: 'conv2d';
  weight: TensorName;
  bias?: TensorName;
  n: number;
  k: number;
  window: Window;
  activation: PlanActivation;
}
/** Weight [channels · multiplier, kernel height · kernel width]; output channel c·multiplier + q reads channel c. */
export interface DepthwiseStep extends StepBase {
  op: 'depthwise';
  weight: TensorName;
  bias?: TensorName;
  multiplier: number;
  window: Window;
  activation: PlanActivation;
}
/** Average pooling divides by the number of real (not padded) elements, as TF.js does. */
export interface PoolStep extends StepBase {
  op: 'pool';
  mode: 'max' | 'avg';
  window: Window;
}
/** y = activation(x · scale[c] + shift[c]): a batch normalization that could not be folded. `scale`, `shift` are in memory order of the channels, or of all features where the value is flattened. */
export interface AffineStep extends StepBase {
  op: 'affine';
  scale: TensorName;
  shift: TensorName;
  activation: PlanActivation;
}
export interface ActivationStep extends StepBase {
  op: 'activation';
  activation: PlanActivation;
}
/** Over the last axis of the logical shape. */
export interface SoftmaxStep extends StepBase {
  op: 'softmax';
}

/**
 * The same memory under another logical shape (a flatten, a reshape that moves nothing): as many channels, as many
 * positions. Computes nothing.
 */
export interface AliasStep extends StepBase {
  op: 'alias';
}

export type PlanStep =
  | MatmulStep
  | Conv2dStep
  | DepthwiseStep
  | PoolStep
  | AffineStep
  | ActivationStep
  | SoftmaxStep
  | AliasStep;

export interface PlanTensor {
  shape: number[];
  data: Float32Array;
}

/** A model's input or output: which value, and its public name and shape. */
export interface PlanPort {
  name: string;
  value: ValueId;
}

export interface Plan {
  version: 1;
  inputs: PlanPort[];
  outputs: PlanPort[];
  values: PlanValue[];
  /** In the order in which they run. */
  steps: PlanStep[];
  tensors: Record<TensorName, PlanTensor>;
}
