import type { Constant } from '../../plan/evaluate.ts';
import { sizeOf } from '../../plan/geometry.ts';
import type { ValueDtype, ValueId } from '../../plan/plan.ts';
import { keepInTensorFlow, UnsupportedFeature } from '../unsupported-feature.ts';

/** A multiple of a batch that is not known yet. */
export interface Batches {
  batches: number;
}

/** A number that is known only after the run: factor · an int32 scalar of the plan + plus, from `least` to `most`. */
export interface Count {
  id: ValueId;
  factor: 1 | -1;
  plus: number;
  least: number;
  most: number;
}

/** One size of a shape: a number, the batch, or one that the run finds. */
export type Dim = number | Batches | Count;

/** Integers of which some depend on the batch or on a count, such as a shape. */
export interface Sizes {
  kind: 'sizes';
  dtype: 'int32';
  shape: readonly number[];
  /** Row-major. */
  dims: readonly Dim[];
}

/**
 * A value of the plan with its shape as TensorFlow has it; only the first size may be the batch, or a count: the value then
 * has as many rows as the count can be at most, and nothing is said of those behind it.
 */
export interface Computed {
  kind: 'value';
  dtype: ValueDtype;
  shape: readonly Dim[];
  id: ValueId;
}

/** A value that lies in the plan as a feature-major map; {@link OpCall.isMap} tells. */
export type MapTensor = Computed & { readonly [mapBrand]: true };
declare const mapBrand: unique symbol;

/** What an edge of a graph carries while its model is lowered. */
export type GraphTensor = Constant | Sizes | Computed;

/** Thrown where a graph treats its batch like any other axis: it is then lowered again for one batch. */
export class BatchIsMixed extends Error {}

export const batchDim: Batches = { batches: 1 };

export function isBatch(dim: Dim | undefined): dim is Batches {
  return typeof dim === 'object' && 'batches' in dim;
}

export function isCount(dim: Dim | undefined): dim is Count {
  return typeof dim === 'object' && 'most' in dim;
}

/** Sizes that are all numbers. @throws BatchIsMixed, {@link UnsupportedFeature} when one is not */
export function numbersOf(dims: readonly Dim[]): number[] {
  return dims.map((dim) => {
    if (isBatch(dim)) throw new BatchIsMixed();
    if (isCount(dim)) throw new UnsupportedFeature(countedAdvice);
    return dim;
  });
}

export function constant(
  dtype: ValueDtype,
  shape: readonly number[],
  data: Float32Array | Int32Array,
): Constant {
  return { kind: 'constant', dtype, shape, data };
}

const countedAdvice = `a size that is known only after the run is not compiled here; ask for the outputs before it with the option outputs, or ${keepInTensorFlow}`;

/** Integers as a tensor: a constant unless the batch or a count is among them. */
export function sizesTensor(shape: readonly number[], dims: readonly Dim[]): GraphTensor {
  if (dims.some((dim) => typeof dim === 'object')) return { kind: 'sizes', dtype: 'int32', shape, dims };
  return constant('int32', shape, Int32Array.from(dims as number[]));
}

/** A constant under another shape of the same size. */
export function reshaped(tensor: Constant, shape: readonly number[]): Constant {
  if (sizeOf(shape) !== tensor.data.length)
    throw new RangeError(`${tensor.data.length} elements as [${shape}]`);
  return { ...tensor, shape };
}
