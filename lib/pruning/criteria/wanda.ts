import { FeatureNorms, wandaMask, wandaMetric } from '../calibration/wanda.ts';
import { wandaVariantMask } from '../calibration/wanda-variant.ts';
import type { LayerwiseCriterion } from './layerwise-criterion.ts';

/**
 * Weight times norm of its input, ranked within each output; no weight changes but those that become zero.
 *
 * @see Sun et al. 2023, arXiv:2306.11695, section 3
 */
export const wanda: LayerwiseCriterion = (inputs, { alphaSearch = false }) => {
  const norms = new FeatureNorms(inputs);
  return {
    add: (values, shape) => norms.add(values, shape),
    solve: (weights, shape, target) => {
      const metric = wandaMetric(weights, shape, norms.scalerRow);
      if (!alphaSearch || 'nm' in target) return { mask: wandaMask(metric, shape, target) };
      return { mask: wandaVariantMask(metric, shape, target.sparsity).mask };
    },
  };
};
