import { FeatureNorms, wandaMask, wandaMetric } from '../calibration/wanda.ts';
import type { LayerwiseCriterion } from './layerwise-criterion.ts';

/**
 * Weight times norm of its input, ranked within each output; no weight changes but those that become zero.
 *
 * @see Sun et al. 2023, arXiv:2306.11695, section 3
 */
export const wanda: LayerwiseCriterion = (inputs) => {
  const norms = new FeatureNorms(inputs);
  return {
    add: (values, shape) => norms.add(values, shape),
    solve: (weights, shape, target) => ({
      mask: wandaMask(wandaMetric(weights, shape, norms.scalerRow), shape, target),
    }),
  };
};
