import { batchLosses, summedGradients } from '../loss-gradients.ts';
import { tfc } from '../peers.ts';
import { variableOf } from '../tf-types.ts';
import type { LiveContext, LiveCriterion, LiveScores } from './live-criterion.ts';

/** What a step along the gradient says of each weight. */
export interface GradientScores extends LiveScores {
  /** Gradients of the loss, summed over the batches, by weight key. */ gradients: Map<string, Float32Array>;
  /** Loss of each batch. */ losses: number[];
}

/** g·w of every weight, g being summed over the batches. */
export async function gradientProducts(context: LiveContext): Promise<GradientScores> {
  const { weights } = context;
  const losses = batchLosses({ ...context, temperature: 1 });
  const summed = await summedGradients(context, losses);
  const scores = new Map<string, Float32Array>();
  const gradients = new Map<string, Float32Array>();
  weights.forEach(({ key, variable }, i) => {
    const gradient = summed.gradients[i]!;
    const product = tfc.tidy(() => tfc.mul(gradient, variableOf(variable)));
    gradients.set(key, gradient.dataSync() as Float32Array);
    scores.set(key, product.dataSync() as Float32Array);
    product.dispose();
    gradient.dispose();
  });
  return { scores, gradients, losses: summed.losses };
}

/** Sum of all scores, in float64. */
export function sumOf(scores: ReadonlyMap<string, Float32Array>): number {
  let sum = 0;
  for (const values of scores.values()) for (const value of values) sum += value;
  return sum;
}

/** Every score divided by the same number, which leaves their order. */
export function divided(scores: ReadonlyMap<string, Float32Array>, by: number): Map<string, Float32Array> {
  return new Map([...scores].map(([key, values]) => [key, values.map((value) => value / by)]));
}

/**
 * |g·w| / Σ|g·w|: how much the loss feels each connection. One batch is what the authors take; gradients of several are
 * summed first.
 *
 * @see Lee et al. 2019, "SNIP", arXiv:1810.02340, section 4
 */
export async function snipScores(context: LiveContext): Promise<GradientScores> {
  const { scores, gradients, losses } = await gradientProducts(context);
  const absolute = new Map([...scores].map(([key, values]) => [key, values.map(Math.abs)]));
  const sum = sumOf(absolute);
  return { scores: sum > 0 ? divided(absolute, sum) : absolute, gradients, losses };
}

/** {@link snipScores} as a criterion. */
export const snip: LiveCriterion = {
  iterations: 1,
  scope: 'global',
  needs: 'labels',
  score: snipScores,
};
