import type { LiveCriterion } from './live-criterion.ts';
import { gradientProducts } from './snip.ts';

/**
 * (g·w)²: the squared first-order estimate of what removing a weight does to the loss.
 *
 * @see Molchanov et al. 2019, "Importance Estimation for Neural Network Pruning", arXiv:1906.10771, eq. 8
 */
export const taylor: LiveCriterion = {
  iterations: 1,
  scope: 'global',
  needs: 'labels',
  score: async (context) => {
    const { scores } = await gradientProducts(context);
    return {
      scores: new Map([...scores].map(([key, values]) => [key, values.map((value) => value * value)])),
    };
  },
};
