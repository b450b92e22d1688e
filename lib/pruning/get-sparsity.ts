import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { prunableTensors } from './weights-of.ts';

/** How sparse one weight is. */
export interface WeightSparsity {
  /** Name of its layer. */ layer: string;
  /** Name inside the layer, e.g. `kernel`. */ name: string;
  shape: number[];
  /** Number of entries. */ size: number;
  /** Entries equal to zero; -0 is one, NaN and denormals are not. */ zeros: number;
  /** zeros / size; 0 for an empty weight. */ sparsity: number;
}

/** Entries equal to zero. Minus zero is zero; NaN and denormal numbers are not. */
export function countZeros(values: ArrayLike<number>): number {
  let zeros = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === 0) zeros++;
  return zeros;
}

/** zeros / size of an array; 0 when it is empty. */
export function sparsityOf(values: ArrayLike<number>): number {
  return values.length === 0 ? 0 : countZeros(values) / values.length;
}

/**
 * How sparse the prunable weights of a model are: kernels, not biases, unless the model is wrapped and prunes them.
 * `total` is their zeros divided by their entries (0 when there is none); other parameters do not count.
 */
export function getSparsity(model: LayersModel | GraphModel): { total: number; weights: WeightSparsity[] } {
  const weights = prunableTensors('getSparsity', model).map(({ layer, name, tensor }): WeightSparsity => {
    const values = tensor.dataSync();
    const zeros = countZeros(values);
    return { layer, name, shape: [...tensor.shape], size: tensor.size, zeros, sparsity: sparsityOf(values) };
  });
  const size = weights.reduce((sum, weight) => sum + weight.size, 0);
  const zeros = weights.reduce((sum, weight) => sum + weight.zeros, 0);
  return { total: size === 0 ? 0 : zeros / size, weights };
}
