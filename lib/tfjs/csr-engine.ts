import { UnsupportedFeature } from '../layers/unsupported-feature.ts';
import type { PlanActivation } from '../plan/plan.ts';
import type { StepInfo } from '../session/describe.ts';
import { CsrMatrix, productsOf } from '../sparse/csr.ts';
import { findStructure } from '../sparse/found-structure.ts';
import type { NativeEngine } from './native-path.ts';

/** Weights with more than this share of non-zeros are left to TF.js. */
const maxDensity = 0.5;

/** One weight whose products are met one by one, each with a bias and an activation of its own. */
export class CsrEngine implements NativeEngine {
  readonly #name: string;
  readonly #threads: number;
  readonly #matrix: CsrMatrix;

  /**
   * @param kernel - [inputs, outputs]
   * @throws UnsupportedFeature when the weight has too few zeros
   */
  constructor(name: string, kernel: Float32Array, inputs: number, outputs: number, threads: number) {
    this.#name = name;
    this.#threads = threads;
    this.#matrix = CsrMatrix.fromDenseKernel(kernel, inputs, outputs);
    if (this.#matrix.density > maxDensity) throw new UnsupportedFeature('the weight has too few zeros');
  }

  multiply(
    x: Float32Array,
    rows: number,
    bias: Float32Array | undefined,
    activation: PlanActivation,
  ): Float32Array {
    const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
    const named =
      activation.type === 'clamp'
        ? { min: NEGATIVE_INFINITY, max: POSITIVE_INFINITY, ...activation }
        : 'alpha' in activation
          ? activation
          : activation.type;
    return this.#matrix.matmul(x, rows, { ...(bias && { bias }), activation: named, threads: this.#threads });
  }

  steps(batch: number): StepInfo[] {
    const { rows: n, cols: k, density, nnz } = this.#matrix;
    const storage = 'float32';
    const products = productsOf(this.#matrix);
    const structure = findStructure({ n, k, stats: products.stats });
    const { name, us: estimateUs } = products.way(batch, storage);
    return [
      {
        layer: this.#name,
        op: 'matmul',
        kernel: name,
        m: batch,
        n,
        k,
        density,
        structure,
        bytes: 8 * nnz,
        storage,
        estimateUs,
        reason: `recognised by its tensor in TF.js's kernels, ${(100 * (1 - density)).toFixed(1)} % zeros, ${structure}`,
      },
    ];
  }

  /** The addon frees the matrix with the object. */
  dispose(): void {}
}
