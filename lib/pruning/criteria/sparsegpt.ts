import { LayerHessian } from '../calibration/hessian.ts';
import { sparseGptSolve } from '../calibration/sparsegpt.ts';
import type { LayerwiseCriterion } from './layerwise-criterion.ts';

/**
 * Optimal brain surgeon in a fixed order of inputs: what stays makes up for what goes. Memory and time grow with the square
 * and the cube of a layer's inputs.
 *
 * @see Frantar & Alistarh 2023, "SparseGPT", arXiv:2301.00774, section 3
 */
export const sparsegpt: LayerwiseCriterion = (inputs, { damping, blockSize }) => {
  const hessian = new LayerHessian(inputs);
  return {
    add: (values, shape) => hessian.add(values, shape),
    solve: (weights, shape, target) =>
      sparseGptSolve(weights, shape, hessian.matrix, {
        ...target,
        ...(damping !== undefined && { damping }),
        ...(blockSize !== undefined && { blockSize }),
      }),
  };
};
