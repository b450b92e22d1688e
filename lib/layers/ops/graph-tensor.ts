import type { Constant } from '../../plan/evaluate.ts';
import { sizeOf } from '../../plan/geometry.ts';
import type { ValueDtype, ValueId } from '../../plan/plan.ts';

/** A multiple of a batch that is not known yet. */
export interface Batches {
  batches: number;
}

/** One size of a shape: a number, or the batch. */
export type Dim = number | Batches;

/** Integers of which some depend on the batch, such as a shape: a vector or a scalar. */
export interface Sizes {
  kind: 'sizes';
  dtype: 'int32';
  shape: readonly number[];
  dims: readonly Dim[];
}

/** A value of the plan with its shape as TensorFlow has it; only the first size may be the batch. */
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
  return typeof dim === 'object';
}

/** Sizes that are all numbers. @throws BatchIsMixed when one is not */
export function numbersOf(dims: readonly Dim[]): number[] {
  return dims.map((dim) => {
    if (isBatch(dim)) throw new BatchIsMixed();
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

/** Integers as a tensor: a constant unless the batch is among them. */
export function sizesTensor(shape: readonly number[], dims: readonly Dim[]): GraphTensor {
  if (dims.some(isBatch)) return { kind: 'sizes', dtype: 'int32', shape, dims };
  return constant('int32', shape, Int32Array.from(dims as number[]));
}

/** A constant under another shape of the same size. */
export function reshaped(tensor: Constant, shape: readonly number[]): Constant {
  if (sizeOf(shape) !== tensor.data.length)
    throw new RangeError(`${tensor.data.length} elements as [${shape}]`);
  return { ...tensor, shape };
}
