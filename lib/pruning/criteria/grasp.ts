import type { Tensor } from '@tensorflow/tfjs-core';
import { SparseError } from '../../errors.ts';
import { type BatchLoss, batchLosses, gradientsOf, summedGradients } from '../loss-gradients.ts';
import { tfc } from '../peers.ts';
import { brokenOperation, withSecondOrder } from '../second-order.ts';
import { variableOf } from '../tf-types.ts';
import type { LiveContext, LiveCriterion, LiveScores } from './live-criterion.ts';
import { divided, sumOf } from './snip.ts';

/** Keeps the divisor from being zero, as Synaptic-Flow's code does. */
export const graspEpsilon = 1e-10;

/** Σ g·v as a function whose gradient is H·v, v being constant. */
function gradientTimes(context: LiveContext, loss: BatchLoss, vector: readonly Tensor[]): BatchLoss {
  const variables = context.weights.map(({ variable }) => variableOf(variable));
  return () => {
    const { grads } = tfc.engine().gradients(loss, variables, undefined, true);
    const broken = brokenOperation();
    if (broken !== undefined) {
      throw new SparseError(
        'ERR_SPARSE_UNSUPPORTED_LAYER',
        `${context.what}: criterion "grasp" needs second derivatives, which TensorFlow.js gets wrong for ${broken}. ` +
          'Take tf.softmax and the loss "softmaxCrossEntropy" in its place, or another criterion.',
        { layer: context.model.outputNames[0]!, expected: 'second derivatives', received: broken },
      );
    }
    // The zero term connects weights that the gradients do not depend on (a loss that is linear in them).
    return variables
      .map((variable, i) => tfc.sum(tfc.add(tfc.mul(grads[i] ?? 0, vector[i]!), tfc.mul(variable, 0))))
      .reduce((sum, part) => tfc.add(sum, part));
  };
}

/**
 * w·(H·g) / |Σ w·(H·g)|: how much of the gradient's norm a weight carries; larger is kept. The authors write the negative
 * and remove the largest. g is the gradient summed over all batches, H·g is summed over them too, logits are divided by
 * a temperature.
 *
 * @see Wang et al. 2020, "GraSP", arXiv:2002.07376, section 4
 */
export async function graspScores(context: LiveContext): Promise<LiveScores> {
  const { weights } = context;
  const losses = batchLosses(context);
  const first = (await summedGradients(context, losses)).gradients;
  const products = losses.map((loss) => gradientTimes(context, loss, first));
  const twice = (product: BatchLoss) => withSecondOrder(() => gradientsOf(context, product));
  const second = (await summedGradients(context, products, twice)).gradients;
  const scores = new Map<string, Float32Array>();
  weights.forEach(({ key, variable }, i) => {
    const product = tfc.tidy(() => tfc.mul(second[i]!, variableOf(variable)));
    scores.set(key, product.dataSync() as Float32Array);
    product.dispose();
  });
  tfc.dispose([...first, ...second]);
  return { scores: divided(scores, Math.abs(sumOf(scores)) + graspEpsilon) };
}

/** {@link graspScores} as a criterion. */
export const grasp: LiveCriterion = {
  iterations: 1,
  scope: 'global',
  needs: 'labels',
  score: graspScores,
};
