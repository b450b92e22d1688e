import type { Optimizer, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { randomValues } from '../../sparse/random.ts';
import type { Mask } from '../../sparse/structure.ts';
import { type LiveWeight, liveWeights } from '../live-weights.ts';
import { tfc } from '../peers.ts';
import type { Policy } from '../policy.ts';
import { type Gradients, variableOf } from '../tf-types.ts';
import { seedOf } from './seeds.ts';

/** How masks are drawn from scores. */
export interface LearnedMaskRule {
  /** Scores at the start: sigmoid of it is the chance that a weight is kept. */ scoreStart: number;
  /** Round the chances instead of drawing; while training a random half of them stays soft. */ roundMask: boolean;
  /** Multiply each weight by size / kept, taken as a constant where gradients are. */ rescale: boolean;
}

interface ScoredWeight {
  weight: LiveWeight;
  /** Values that are masked, and never change. */ base: Tensor;
  scores: Variable;
}

/**
 * Masks that are learned while the weights stay: a score for every prunable weight, the mask drawn by the chance
 * sigmoid(score), the gradient handed through the draw as if the mask were the chance itself.
 *
 * @see Zhou et al. 2019, arXiv:1905.01067, section 5
 */
export class LearnedMasks {
  readonly #weights: ScoredWeight[];
  readonly #rule: LearnedMaskRule;

  /** @param model - its weights now are what is masked */
  constructor(model: LayersModel, policy: Policy | undefined, rule: LearnedMaskRule) {
    this.#rule = rule;
    this.#weights = liveWeights('supermask', model, { policy }).map((weight) => {
      const base = tfc.tidy(() => tfc.clone(weight.variable.read()));
      const scores = tfc.tidy(() => tfc.variable(tfc.fill(weight.shape as number[], rule.scoreStart)));
      return { weight, base, scores };
    });
  }

  /** Draws masks and sets the model's weights. @param training - with `roundMask`: leave a random half soft */
  draw(seed: number, training: boolean): void {
    for (const { weight, base, scores } of this.#weights) {
      tfc.tidy(() => {
        const chance = tfc.sigmoid(scores);
        const mask = this.#drawOne(chance, seedOf(seed, weight.key), training);
        const kept = this.#rule.rescale ? tfc.div(base.size, tfc.maximum(tfc.sum(mask), 1)) : tfc.scalar(1);
        weight.variable.write(tfc.mul(tfc.mul(base, mask), kept));
      });
    }
  }

  #drawOne(chance: Tensor, seed: number, training: boolean): Tensor {
    const random = () => tfc.tensor(randomValues(chance.size, seed), chance.shape);
    // Not tfc.round: it rounds a half to even, and every chance starts there.
    const rounded = () => tfc.cast(tfc.greaterEqual(chance, 0.5), 'float32');
    if (!this.#rule.roundMask) return tfc.cast(tfc.less(random(), chance), 'float32');
    return training ? tfc.where(tfc.less(random(), 0.5), chance, rounded()) : rounded();
  }

  /** From now on the optimizer trains the scores by the gradients of the weights, and nothing else. */
  train(optimizer: Optimizer): void {
    const apply = optimizer.applyGradients.bind(optimizer);
    optimizer.applyGradients = (given: Gradients) => {
      const gradients = new Map(
        Array.isArray(given) ? given.map(({ name, tensor }) => [name, tensor]) : Object.entries(given),
      );
      tfc.tidy(() => {
        apply(
          this.#weights.map(({ weight, base, scores }) => {
            const chance = tfc.sigmoid(scores);
            const slope = tfc.mul(chance, tfc.sub(1, chance));
            const gradient = gradients.get(variableOf(weight.variable).name)!;
            return { name: scores.name, tensor: tfc.mul(tfc.mul(gradient, base), slope) };
          }),
        );
      });
    };
  }

  /** A copy of the scores, by `layer/weight`. */
  scores(): Map<string, Float32Array> {
    return new Map(
      this.#weights.map(({ weight, scores }) => [
        weight.key,
        Float32Array.from(scores.dataSync() as Float32Array),
      ]),
    );
  }

  /** Frees scores and kept values; the model stays. */
  dispose(): void {
    for (const { base, scores } of this.#weights) tfc.dispose([base, scores]);
  }
}

/** Weights that are more likely kept than not: score ≥ 0. */
export function likelyMasks(scores: ReadonlyMap<string, Float32Array>): Map<string, Mask> {
  return new Map([...scores].map(([key, values]) => [key, Uint8Array.from(values, (s) => (s >= 0 ? 1 : 0))]));
}
