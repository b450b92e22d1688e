import { SparseError } from '../../errors.ts';
import { checkFloat32Array } from '../../native/check.ts';
import { checkShape } from '../../sparse/check-shape.ts';

/** Inputs of a layer, as sequences of vectors. */
export interface Activations {
  /** Weight of the batch in a running mean: its sequences. */ sequences: number;
  /** Vectors of all sequences. */ vectors: number;
  /** Length of a vector. */ features: number;
}

/**
 * Reads a batch of a layer's inputs: [sequences, …, features], or [vectors, features], which is one sequence.
 *
 * @param features - inputs of the layer
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE` for another last axis, a rank below 2 or no sequence
 */
export function readActivations(
  what: string,
  values: Float32Array,
  shape: readonly number[],
  features: number,
): Activations {
  const size = checkShape(`${what}: activations`, shape);
  checkFloat32Array(what, 'activations', values, size);
  if (shape.length < 2 || shape.at(-1) !== features || size === 0) {
    throw new SparseError(
      'ERR_SPARSE_SHAPE',
      `${what}: activations have shape [${shape}], expected [sequences, vectors, ${features}] or [vectors, ${features}], none of them 0.`,
      { tensor: 'activations', expected: [null, features], received: shape },
    );
  }
  return { sequences: shape.length === 2 ? 1 : shape[0]!, vectors: size / features, features };
}
