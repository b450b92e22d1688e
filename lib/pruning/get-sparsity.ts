import type { GraphModel } from '@tensorflow/tfjs-converter';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { prunableTensors } from './weights-of.ts';

/** How sparse one weight is. */
export interface WeightSparsity {
  /** Name of its layer. */ layer: string;
  /** Name inside the layer, e.g. `kernel`. */ name: string;
  /** Sizes of its axes. */ shape: number[];
  /** Number of entries. */ size: number;
  /** Entries equal to zero; -0 is one, NaN and denormals are not. */ zeros: number;
  /** Fraction of zeros; 0 for an empty weight. */ sparsity: number;
}

/** Entries equal to zero. Minus zero is zero; NaN and denormal numbers are not. */
export function countZeros(values: ArrayLike<number>): number {
  let zeros = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === 0) zeros++;
  return zeros;
}

/** Fraction of zeros, computed as 1 - nonzeros/size like numpy's users do, to the last bit; 0 when there is nothing. */
export function zeroFraction(zeros: number, size: number): number {
  return size === 0 ? 0 : 1 - (size - zeros) / size;
}

/**
 * How sparse the prunable weights of a model are: kernels, not biases, unless the model is wrapped and prunes them.
 * `total` is their zeros divided by their entries (0 when there is none); other parameters do not count.
 */
export function getSparsity(model: LayersModel | GraphModel): {
  /** Zeros of all these weights / their entries, in [0, 1]. */ total: number;
  /** Every prunable weight, in the order of the model. */ weights: WeightSparsity[];
} {
  const weights = prunableTensors('getSparsity', model).map(({ layer, name, tensor }): WeightSparsity => {
    const values = tensor.dataSync();
    const zeros = countZeros(values);
    return {
      layer,
      name,
      shape: [...tensor.shape],
      size: tensor.size,
      zeros,
      sparsity: zeroFraction(zeros, tensor.size),
    };
  });
  const size = weights.reduce((sum, weight) => sum + weight.size, 0);
  const zeros = weights.reduce((sum, weight) => sum + weight.zeros, 0);
  return { total: zeroFraction(zeros, size), weights };
}
