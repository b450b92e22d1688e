import type { Mask } from '../../sparse/structure.ts';
import type { TakeVectors } from '../layer-inputs.ts';

/** How much one weight is pruned: a fraction, or all but `keep` of every `of` neighbouring inputs. */
export type LayerTarget = { sparsity: number } | { nm: { keep: number; of: number } };

/** What is made of one weight. Matrices are [outputs, inputs], row-major. */
export interface LayerSolution {
  /** 1 = kept. */ mask: Mask;
  /** New values, where the criterion changes those that stay. */ weights?: Float32Array;
}

/** Options that only some of these criteria read. */
export interface LayerwiseOptions {
  damping?: number | undefined;
  blockSize?: number | undefined;
  alphaSearch?: boolean | undefined;
}

/** Statistics of the inputs of one weight, and what follows from them. */
export interface LayerCalibration {
  /** Takes inputs, batch by batch. */ add: TakeVectors;
  /**
   * @param weights - [outputs, inputs]
   * @throws {@link SparseError} as the solver does
   */
  solve(
    weights: Float32Array,
    shape: readonly [outputs: number, inputs: number],
    target: LayerTarget,
  ): LayerSolution;
}

/** A criterion that goes layer by layer: each is calibrated on what the layers before it, pruned already, let through. */
export type LayerwiseCriterion = (inputs: number, options: LayerwiseOptions) => LayerCalibration;
