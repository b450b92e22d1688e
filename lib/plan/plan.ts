import type { BinaryFunction, ReduceFunction, UnaryFunction } from './functions.ts';

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
  /**
   * Logical shape as TF.js has it, batch left out: `[height, width, channels]`, `[steps, features]`, `[features]`. Of a
   * fixed array it is all of the shape.
   */
  shape: number[];
  channels: number;
  height: number;
  width: number;
  /** A bool is stored as an int32 of 0 or 1. Maps are float32. */
  dtype: ValueDtype;
  /** An array is row-major in `shape`; `channels` is its size, height and width are 1. Absent: a feature-major map. */
  layout?: 'array';
  /** Of an array: it has the batch in its shape, or none. Absent: one such array for each row of the batch. */
  fixed?: true;
}

export type ValueDtype = 'float32' | 'int32' | 'bool';

/** Index into `Plan.values`. */
export type ValueId = number;
/** Key of `Plan.tensors`. */
export type TensorName = string;

/**
 * An activation function; those with scalars have them beside the name. `geluTanh` is gelu by its tanh approximation,
 * `hardSigmoid6` is relu6(x + 3) / 6.
 */
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
        | 'hardSigmoid'
        | 'softsign'
        | 'mish'
        | 'geluTanh'
        | 'hardSigmoid6';
    }
  | { type: 'leakyRelu'; alpha: number }
  /** x where it is above alpha, 0 elsewhere. */
  | { type: 'thresholdedRelu'; alpha: number }
  /** alpha · x · relu6(x + 3); alpha is 1/6, or what the model has for it. */
  | { type: 'hardSwish'; alpha: number }
  /** An end that is absent does not bound. */
  | { type: 'clamp'; min?: number; max?: number };

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

/**
 * y = activation(x · Wᵀ + bias): Dense, and 1×1 convolutions of stride 1. Weight [n outputs, k inputs], inputs in memory order.
 * A second input, as large as y, is added before the activation; likewise of a conv2d.
 */
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

/** (x - mean) / sqrt(variance + epsilon) over the last axis of the logical shape. */
export interface NormalizeStep extends StepBase {
  op: 'normalize';
  epsilon: number;
}

/**
 * The same memory under another logical shape (a flatten, a reshape that moves nothing): as many channels, as many
 * positions. Computes nothing.
 */
export interface AliasStep extends StepBase {
  op: 'alias';
}

/** The values of a tensor as a fixed array; no inputs. int32 and bool values are in `integers`. */
export interface ConstantStep extends StepBase {
  op: 'constant';
  tensor: TensorName;
}
/** A map as a row-major array, and back. */
export interface ToArrayStep extends StepBase {
  op: 'toArray';
}
export interface ToMapStep extends StepBase {
  op: 'toMap';
}
/**
 * y = activation(f(a, b)) of two maps, of which one may have a single channel or a single position; or of two arrays that
 * broadcast as in TensorFlow (the activation is linear then). Comparisons and logic give bools.
 */
export interface BinaryStep extends StepBase {
  op: 'binary';
  function: BinaryFunction;
  activation: PlanActivation;
}
/** y = f(x), element by element. */
export interface UnaryStep extends StepBase {
  op: 'unary';
  function: UnaryFunction;
}
/** y = x where it is positive, alpha[channel] · x elsewhere. */
export interface PreluStep extends StepBase {
  op: 'prelu';
  alpha: TensorName;
}
/**
 * Each row, column and channel of the output is one of the input, by number, or -1 for the constant `fill`: padding,
 * cropping, slices, repetition, nearest neighbours.
 */
export interface PickStep extends StepBase {
  op: 'pick';
  rows: number[];
  columns: number[];
  channels: number[];
  fill: number;
}
/** Bilinear, with TensorFlow's two attributes. */
export interface ResizeStep extends StepBase {
  op: 'resize';
  alignCorners: boolean;
  halfPixels: boolean;
}
/** Blocks of positions to channels or back: channel (i·block + j)·c + q is position (i, j) of channel q's block. */
export interface BlocksStep extends StepBase {
  op: 'blocks';
  to: 'space' | 'depth';
  block: number;
}
/** Maps along their channels, arrays along `axis` of their shape. */
export interface ConcatStep extends StepBase {
  op: 'concat';
  axis: number;
}
/**
 * What follows the matmul of a transposed convolution: plane c · taps + tap of the input is added to channel c where the
 * window's tap falls; then bias and activation.
 */
export interface OverlapAddStep extends StepBase {
  op: 'overlapAdd';
  window: Window;
  bias?: TensorName;
  activation: PlanActivation;
}
/** Element i of a row-major loop over `sizes` is the input's at offset + index · strides: transposes, slices, repetition. */
export interface StridedStep extends StepBase {
  op: 'strided';
  sizes: number[];
  strides: number[];
  offset: number;
}
/** The input inside an array of `fill` (0 for integers), `before[axis]` from its beginning. */
export interface PadStep extends StepBase {
  op: 'pad';
  before: number[];
  fill: number;
}
/** To the output's dtype: toward zero, and not zero for bool. */
export interface CastStep extends StepBase {
  op: 'cast';
}
/** Over `axes` of the input's shape, rising. */
export interface ReduceStep extends StepBase {
  op: 'reduce';
  function: ReduceFunction;
  axes: number[];
}
/** a where the condition is true, else b; inputs condition, a, b broadcast. */
export interface SelectStep extends StepBase {
  op: 'select';
}
/** Matrix product of the last two axes; those in front broadcast. */
export interface ProductStep extends StepBase {
  op: 'product';
  transposeA: boolean;
  transposeB: boolean;
}
/** Slices of the first input along `axis`, by the indices of the second; with `along`, one index for each place in front of the last axis. An index outside gives zeros. */
export interface GatherStep extends StepBase {
  op: 'gather';
  axis: number;
  along: boolean;
}
/** Slices of the first input by tuples of indices, which are the last axis of the second. */
export interface GatherNdStep extends StepBase {
  op: 'gatherNd';
}
/** Positions of the largest along the last axis, largest first; the lower position where two are equal. */
export interface TopKStep extends StepBase {
  op: 'topK';
}

/** Cells of a recurrent layer, and the gates that each has of every unit, in the order of the weight's rows. */
export const cellGates = { simple: 1, lstm: 4, gru: 3, gruResetAfter: 3 } as const;
/** `lstm`: input, forget, candidate, output. `gru`: update, reset, candidate; the reset comes before the product or after it. */
export type RecurrentCell = keyof typeof cellGates;

/**
 * A recurrent layer behind its input projection: the first input has, for each time step (column), what the inputs add to
 * every gate of every unit, bias included; a matmul made it for all steps at once. Then come the mask (one channel; a step
 * of 0 changes nothing) and the initial states (`lstm`: h and c), where the step has them. The output has h of every
 * step that ran, or of the last; and c behind it, where it has twice the channels.
 */
export interface RecurrenceStep extends StepBase {
  op: 'recurrence';
  cell: RecurrentCell;
  /** [n, k]: what the state h adds to every gate; n = gates · units, k = units. */
  weight: TensorName;
  /** [n], added to that product: of `gruResetAfter`. */
  bias?: TensorName;
  n: number;
  k: number;
  /** Of candidates and of an lstm's cell state. Not the step's: nothing may be fused into it. */
  cellActivation: PlanActivation;
  gateActivation: PlanActivation;
  /** From the last time step to the first; outputs are in the order in which they are made. */
  backwards: boolean;
  masked: boolean;
  initial: boolean;
}
/** Coordinates of the elements that are true, in row-major order; tuples of -1 behind them. */
export interface WhereStep extends StepBase {
  op: 'where';
}
/**
 * Of boxes [n, 4] (two corners each) and their scores [n]: the highest scores first, without those whose overlap with one
 * taken before reaches `overlap`. Gives the numbers of the boxes, -1 behind them; or their scores, 0 behind them.
 */
export interface NonMaxSuppressionStep extends StepBase {
  op: 'nonMaxSuppression';
  gives: 'indices' | 'scores';
  overlap: number;
  /** Scores must be above it; absent: all are. */
  lowestScore?: number;
  /** Above 0: overlapping boxes keep exp(-overlap² / (2 · softSigma)) of their score. */
  softSigma: number;
}

export type PlanStep =
  | ConstantStep
  | ToArrayStep
  | ToMapStep
  | BinaryStep
  | UnaryStep
  | PreluStep
  | PickStep
  | ResizeStep
  | BlocksStep
  | ConcatStep
  | OverlapAddStep
  | StridedStep
  | PadStep
  | CastStep
  | ReduceStep
  | SelectStep
  | ProductStep
  | GatherStep
  | GatherNdStep
  | TopKStep
  | RecurrenceStep
  | WhereStep
  | NonMaxSuppressionStep
  | MatmulStep
  | Conv2dStep
  | DepthwiseStep
  | PoolStep
  | AffineStep
  | ActivationStep
  | SoftmaxStep
  | NormalizeStep
  | AliasStep;

export interface PlanTensor {
  shape: number[];
  data: Float32Array;
}

/** Integers and bools, for arrays. */
export interface IntegerTensor {
  shape: number[];
  data: Int32Array;
}

/** A model's input or output: which value, and its public name and shape. */
export interface PlanPort {
  name: string;
  value: ValueId;
  /**
   * Of an output: its value is an int32 scalar, how many rows the output of this name has; those behind them are
   * not given to the caller.
   */
  counts?: string;
}

export interface Plan {
  version: 1;
  inputs: PlanPort[];
  outputs: PlanPort[];
  values: PlanValue[];
  /** In the order in which they run. */
  steps: PlanStep[];
  tensors: Record<TensorName, PlanTensor>;
  /** Constants of int32 and bool arrays; names differ from those of `tensors`. */
  integers?: Record<TensorName, IntegerTensor>;
  /** The only batch that the plan is for. Absent: any. */
  batch?: number;
}
