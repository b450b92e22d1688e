import type { Tensor } from '@tensorflow/tfjs-core';
import { SparseError } from '../errors.ts';
import { seededRandom } from '../sparse/random.ts';
import { randomOf } from './criteria/index.ts';
import { cosineDropFraction, dropAndGrow } from './drop-grow.ts';
import { tfc } from './peers.ts';
import type { PrunedWeight } from './pruned-weight.ts';
import type { DynamicRule } from './pruning-rule.ts';

/** Whether connections are exchanged at a step. Steps count from 1. */
export function exchangesAt({ updateEvery, stopAtStep }: DynamicRule, step: number): boolean {
  return step > 0 && step < stopAtStep && step % updateEvery === 0;
}

/**
 * Exchanges connections of a model's weights while it trains, at a constant sparsity of each weight. The update takes
 * the place of the optimizer's step, as in the authors' code.
 */
export class DynamicMasks {
  readonly rule: DynamicRule;
  readonly #seed: number;
  /** Step whose update is still to come. */ #due: number | undefined;
  /** Whether this step's update is done, so that the optimizer's step is left out. */ #updated = false;

  constructor(rule: DynamicRule, seed: number) {
    this.rule = rule;
    this.#seed = seed;
  }

  /** @throws {@link SparseError} `ERR_SPARSE_SCHEDULE` when the last update could not be made */
  beginStep(step: number, weights: readonly PrunedWeight[]): void {
    const missed = this.#due;
    this.#due = undefined;
    if (missed !== undefined) {
      if (this.rule.method === 'rigl') {
        throw new SparseError(
          'ERR_SPARSE_SCHEDULE',
          `dynamicSparsity: the update of step ${missed} never saw the gradients of "${weights[0]!.key}". In a loop of your ` +
            'own, pass them through maskGradients(model, gradients), or attach the optimizer by afterStep(model, ' +
            'optimizer) before the first step.',
          { tensor: weights[0]!.key, expected: 'gradients', received: 'none' },
        );
      }
      this.#exchange(weights, missed);
    }
    this.#updated = false;
    if (exchangesAt(this.rule, step)) this.#due = step;
  }

  /**
   * Shows the gradients of a step before anybody masks them.
   *
   * @param gradientOf - dense, by weight; `undefined` where there is none
   */
  show(weights: readonly PrunedWeight[], gradientOf: (weight: PrunedWeight) => Tensor | undefined): void {
    const step = this.#due;
    if (step === undefined || !weights.some(gradientOf)) return;
    this.#due = undefined;
    this.#exchange(weights, step, gradientOf);
    this.#updated = true;
  }

  /** Whether the optimizer's step is to be left out; asked once per step. */
  takeUpdated(): boolean {
    const updated = this.#updated;
    this.#updated = false;
    return updated;
  }

  #exchange(
    weights: readonly PrunedWeight[],
    step: number,
    gradientOf?: (weight: PrunedWeight) => Tensor | undefined,
  ): void {
    const { stopAtStep, dropFraction, method } = this.rule;
    const fraction = cosineDropFraction(step, { initial: dropFraction, endStep: stopAtStep });
    const exchanges = weights.map((weight) => {
      const values = weight.readValues();
      const growth = method === 'set' ? this.#random(weight, step) : gradientOf?.(weight)?.dataSync();
      // A weight that took no part in this loss has nothing to grow by.
      if (!growth) return undefined;
      const now = {
        key: weight.key,
        weights: values,
        mask: weight.readMask(),
        growth: growth as Float32Array,
      };
      return dropAndGrow(now, fraction);
    });
    weights.forEach((weight, i) => {
      const exchange = exchanges[i];
      if (!exchange) return;
      weight.writeMask(exchange.mask);
      // New connections were zero and stay so until they train; the optimizer's slots are masked all along.
      weight.apply();
    });
  }

  #random({ key, shape }: PrunedWeight, step: number): Float32Array {
    // Of the seed, the weight and the step alone: nothing to save, and the same after an interruption.
    const next = randomOf(key, Math.floor(seededRandom(this.#seed + step)() * 2 ** 32));
    return Float32Array.from({ length: tfc.util.sizeFromShape(shape) }, next);
  }
}
