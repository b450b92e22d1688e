import type { Optimizer, Tensor, Variable } from '@tensorflow/tfjs-core';
import { tfc } from '../peers.ts';
import type { MovementRule } from '../pruning-rule.ts';
import { type LayerVariable, variableOf } from '../tf-types.ts';

/**
 * The scores of one weight in movement pruning, and the optimizer that trains them. They learn in the backward pass
 * itself, so in any training loop and beside any optimizer of the weights.
 *
 * @see Sanh, Wolf and Rush 2020, arXiv:2005.07683
 */
export class MovementScores {
  readonly weight: LayerVariable;
  readonly rule: MovementRule;
  /** The scores' own. */ readonly optimizer: Optimizer;
  /** How far the schedule has come, 1 = its end. */ progress = 0;
  /** Weights that share the penalty. */ matrices = 1;

  constructor(weight: LayerVariable, rule: MovementRule) {
    this.weight = weight;
    this.rule = rule;
    const { scoreOptimizer, scoreLearningRate } = rule;
    this.optimizer = tfc.train[scoreOptimizer](scoreLearningRate);
  }

  get variable(): Variable {
    return variableOf(this.weight);
  }

  /** Whether nothing has been learned yet. */
  get untrained(): boolean {
    return this.optimizer.iterations === 0;
  }

  readScores(): Float32Array {
    return this.variable.dataSync() as Float32Array;
  }

  /** Derivative by the scores of lambda · mean over weights of the mean of sigmoid(score). */
  #penalty(): Tensor | undefined {
    const { lambda, form } = this.rule;
    if (form === 'top-k' || lambda === 0 || this.progress === 0) return undefined;
    const soften = tfc.sigmoid(this.variable);
    const slope = tfc.mul(soften, tfc.sub(1, soften));
    return tfc.mul(slope, (lambda * this.progress) / (this.matrices * this.variable.size));
  }

  /**
   * One step by the gradient of the masked weight: dL/dS = dL/dW' · W, of pruned entries too (straight through).
   *
   * @param gradient - dL/dW'
   * @param values - W
   */
  learn(gradient: Tensor, values: Tensor): void {
    const { variable } = this;
    tfc.tidy(() => {
      const straight = tfc.mul(gradient, values);
      const penalty = this.#penalty();
      const total = penalty ? tfc.add(straight, penalty) : straight;
      this.optimizer.applyGradients({ [variable.name]: total as Variable });
    });
  }

  dispose(): void {
    this.optimizer.dispose();
  }
}
