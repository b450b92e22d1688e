import { types } from 'node:util';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { native } from '../native/load.ts';
import { tfc } from './peers.ts';

/** The method of the wasm backend that shows a tensor where it lies. */
interface HeapBackend {
  typedArrayFromHeap?(info: TensorInfo): ArrayLike<number>;
}

/**
 * The values of a float32 tensor, without a copy where the backend allows (cpu, wasm, and tensorflow while the values
 * are still where the user made them). Valid until the next TF.js call; not to be written to.
 */
export function valuesOf(info: TensorInfo): Float32Array {
  const engine = tfc.engine();
  const backend = engine.state.tensorInfo.get(info.dataId)?.backend as HeapBackend | undefined;
  const values = backend?.typedArrayFromHeap?.(info) ?? engine.readSync(info.dataId);
  if (!(values instanceof Float32Array)) return Float32Array.from(values as ArrayLike<number>);
  const { buffer } = values;
  const mayMove = types.isSharedArrayBuffer(buffer) || (buffer as { resizable?: boolean }).resizable === true;
  return mayMove ? values.slice() : values;
}

/** The values of an int32 tensor. */
export function integersOf(info: TensorInfo): Int32Array {
  return Int32Array.from(tfc.engine().readSync(info.dataId) as ArrayLike<number>);
}

/** A tensor that owns `values`, tracked by the scope around it as the output of an operation would be. */
export function tensorOf(values: Float32Array | Int32Array, shape: number[]): Tensor {
  return tfc.engine().makeTensor(values, shape, values instanceof Int32Array ? 'int32' : 'float32');
}

/** Below this length a loop here is done before the addon is called. */
const shortLength = 1024;

/**
 * Whether no value is NaN or infinite. Values that large that their magnitudes sum up to more than a float32 holds may
 * count as infinite.
 */
export function allFinite(values: Float32Array): boolean {
  const { length } = values;
  // The sum of magnitudes, in double precision, is finite only when every term is: a fast pass that the addon has.
  if (length >= shortLength)
    return Number.isFinite(native().blockNorms(values, 1, length, 1, length, 1, length, 'l1', 1)[0]);
  // x − x is 0 for a finite x, else NaN, which no addition takes away.
  let sum = 0;
  for (let i = 0; i < length; i++) sum += values[i]! - values[i]!;
  return sum === 0;
}
