import { checkInteger } from '../../native/check.ts';
import { refuseNan } from '../../sparse/refuse-nan.ts';
import { readActivations } from './activations.ts';

/**
 * Running mean of the Hessian of a layer's squared error: H = 2 · X Xᵀ / (number of sequences), X one column per vector.
 * Kept in float64.
 *
 * @see Frantar & Alistarh 2023, "SparseGPT", arXiv:2301.00774, section 3
 */
export class LayerHessian {
  readonly #features: number;
  readonly #products: Float64Array;
  #sequences = 0;

  /** @param features - inputs of the layer */
  constructor(features: number) {
    this.#features = checkInteger('LayerHessian', 'features', features, 1, 46340);
    this.#products = new Float64Array(features * features);
  }

  /**
   * Adds a batch of inputs.
   *
   * @param shape - [sequences, …, features], or [vectors, features] for one sequence
   * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_NAN`
   */
  add(activations: Float32Array, shape: readonly number[]): void {
    const { sequences, vectors, features } = readActivations(
      'LayerHessian',
      activations,
      shape,
      this.#features,
    );
    refuseNan('LayerHessian', 'activations', activations);
    for (let v = 0; v < vectors; v++) {
      const x = activations.subarray(v * features, (v + 1) * features);
      for (let i = 0; i < features; i++) {
        const xi = x[i]!;
        if (xi === 0) continue;
        const row = i * features;
        for (let j = i; j < features; j++) this.#products[row + j]! += xi * x[j]!;
      }
    }
    this.#sequences += sequences;
  }

  /** [features, features], symmetric; zeros before the first batch. */
  get matrix(): Float64Array {
    const n = this.#features;
    const factor = this.#sequences === 0 ? 0 : 2 / this.#sequences;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) {
        matrix[i * n + j] = this.#products[i * n + j]! * factor;
        matrix[j * n + i] = matrix[i * n + j]!;
      }
    }
    return matrix;
  }
}
