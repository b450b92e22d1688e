import { isFlattened, valueSize } from '../geometry.ts';
import type { PlanValue } from '../plan.ts';

/**
 * Where the memory of a flattened value takes its features from: entry m is the index, in row-major order of
 * (row, column, channel), of the feature that lies at m in memory order (channel, row, column). `undefined` when
 * the two orders are the same.
 */
export function memoryOrder(value: Readonly<PlanValue>): Int32Array | undefined {
  const positions = value.height * value.width;
  if (!isFlattened(value) || value.channels === 1 || positions === 1) return undefined;
  const order = new Int32Array(valueSize(value));
  for (let channel = 0, m = 0; channel < value.channels; channel++) {
    for (let position = 0; position < positions; position++) order[m++] = position * value.channels + channel;
  }
  return order;
}

/** Side of the squares that `transposeKernel` works in, which keeps both sides of the copy in the cache. */
const tile = 32;

/** `kernel` [inputs, outputs] as rows of outputs, the inputs of a row taken in `order`. */
export function transposeKernel(
  kernel: Float32Array,
  inputs: number,
  outputs: number,
  order?: Int32Array,
): Float32Array {
  const weight = new Float32Array(inputs * outputs);
  for (let firstOutput = 0; firstOutput < outputs; firstOutput += tile) {
    const endOutput = Math.min(firstOutput + tile, outputs);
    for (let firstInput = 0; firstInput < inputs; firstInput += tile) {
      const endInput = Math.min(firstInput + tile, inputs);
      for (let n = firstOutput; n < endOutput; n++) {
        for (let i = firstInput; i < endInput; i++) {
          weight[n * inputs + i] = kernel[(order ? order[i]! : i) * outputs + n]!;
        }
      }
    }
  }
  return weight;
}

/** `values` taken in `order`. */
export function reorder(values: Float32Array, order?: Int32Array): Float32Array {
  return order ? Float32Array.from(order, (from) => values[from]!) : values;
}
