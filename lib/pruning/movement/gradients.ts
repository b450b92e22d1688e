import { checkArray, checkFloat32Array } from '../../native/check.ts';
import { applyMask } from '../../sparse/masks.ts';
import type { Mask } from '../../sparse/structure.ts';
import { sigmoid } from './masks.ts';

/** One matrix of a masked layer, whose forward pass uses W' = M(S) · W. All arrays have the same length. */
export interface MovingWeight {
  /** W. */ weights: Float32Array;
  /** S. */ scores: Float32Array;
  /** M(S). */ mask: Mask;
  /** dL/dW', of the loss without penalty. */ gradient: Float32Array;
}

/** How the penalty sees scores: `l1` sigmoid(S), `l0` sigmoid(S - ⅔ ln(0.1/1.1)), the hard concrete's chance to be open. */
export type ScorePenalty = 'l1' | 'l0';

const shifts: Readonly<Record<ScorePenalty, number>> = { l1: 0, l0: (-2 / 3) * Math.log(0.1 / 1.1) };

/**
 * The penalty that draws scores down: the mean over matrices of the mean of sigmoid(S).
 *
 * @returns 0 when there are no matrices
 * @see Sanh et al. 2020, "Movement Pruning", arXiv:2005.07683, section 4
 */
export function scorePenalty(scores: readonly Float32Array[], kind: ScorePenalty = 'l1'): number {
  let total = 0;
  for (const part of scores) {
    let sum = 0;
    for (let i = 0; i < part.length; i++) sum += sigmoid(part[i]! + shifts[kind]);
    total += sum / part.length / scores.length;
  }
  return total;
}

/** loss + lambda · {@link scorePenalty}. */
export function penalizedLoss(
  loss: number,
  scores: readonly Float32Array[],
  lambda: number,
  kind: ScorePenalty = 'l1',
): number {
  return loss + lambda * scorePenalty(scores, kind);
}

/**
 * Straight-through gradients: dL/dS = dL/dW' · W, masked entries too, plus the penalty's; dL/dW = dL/dW' under the mask.
 *
 * @param penalty - its weight lambda (default 0), and among how many matrices its mean is taken (default 1)
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`
 * @see Sanh et al. 2020, "Movement Pruning", arXiv:2005.07683, section 3
 */
export function movementGradients(
  { weights, scores, mask, gradient }: MovingWeight,
  penalty: {
    /** Default 0. */ lambda?: number;
    /** Default 'l1'. */ kind?: ScorePenalty;
    /** Default 1. */ matrices?: number;
  } = {},
): {
  /** dL/dS. */
  scores: Float32Array;
  /** dL/dW. */
  weights: Float32Array;
} {
  const what = 'movementGradients';
  checkFloat32Array(what, 'weights', weights);
  checkFloat32Array(what, 'scores', scores, weights.length);
  checkArray(what, 'mask', 'Uint8Array', mask, weights.length);
  checkFloat32Array(what, 'gradient', gradient, weights.length);
  const { lambda = 0, kind = 'l1', matrices = 1 } = penalty;
  const share = lambda / (weights.length * matrices);
  const shift = shifts[kind];
  const forScores = gradient.map((g, i) => {
    if (lambda === 0) return g * weights[i]!;
    const open = sigmoid(scores[i]! + shift);
    return g * weights[i]! + share * open * (1 - open);
  });
  return { scores: forScores, weights: applyMask(gradient, mask) };
}

/**
 * Plain gradient descent: values - rate · gradient.
 *
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`
 */
export function descend(values: Float32Array, gradient: Float32Array, rate: number): Float32Array {
  checkFloat32Array('descend', 'values', values);
  checkFloat32Array('descend', 'gradient', gradient, values.length);
  return values.map((value, i) => value - rate * gradient[i]!);
}
