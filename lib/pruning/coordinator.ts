import { SparseError } from '../errors.ts';
import { askSchedule } from './ask-schedule.ts';
import { DynamicMasks } from './dynamic-masks.ts';
import { noThreshold } from './mask.ts';
import { nextMasks } from './next-masks.ts';
import { tfc } from './peers.ts';
import type { PrunedWeight } from './pruned-weight.ts';
import { isLocal, type PruningRule } from './pruning-rule.ts';
import { progressOf } from './schedule-progress.ts';
import type { LayerVariable } from './tf-types.ts';
import { currentPass } from './training-pass.ts';

/** Step of a wrapper that has not been told yet that training began. */
export const notStarted = -1;

/** What a coordinator knows of a wrapper. */
export interface CoordinatedLayer {
  readonly name: string;
  readonly rule: PruningRule;
  readonly pruned: readonly PrunedWeight[];
  /** The variable of its step; `undefined` before it is built. */ readonly stepVariable:
    | LayerVariable
    | undefined;
  pruningStep: number;
}

/** Recomputes the masks of weights that are pruned together. All masks are made before the first one is taken. */
export function updateMasks(weights: readonly PrunedWeight[], rule: PruningRule, sparsity: number): void {
  const masks = nextMasks(weights, rule, sparsity);
  weights.forEach((weight, i) => {
    const { mask, threshold } = masks[i]!;
    weight.writeMask(mask, threshold ?? noThreshold(rule.compat));
  });
}

/**
 * Counts the training steps of the wrapped layers of a model and updates their masks together: a global ranking needs
 * all weights at once. TFMOT's wrappers count and rank each for itself, and have none.
 */
export class Coordinator {
  readonly layers: readonly CoordinatedLayer[];
  readonly rule: PruningRule;
  /** Of SET and RigL. */ readonly dynamic: DynamicMasks | undefined;
  /** Values of all weights to go back to, by `layer/name`. */ rewindPoint:
    | Map<string, Float32Array>
    | undefined;
  /** Whether these are all the wrappers of their model. */ readonly complete: boolean;
  #pass: WeakRef<object> | undefined;
  /** Layers called in this pass, where no tape tells passes apart. */ readonly #seen =
    new Set<CoordinatedLayer>();

  constructor(layers: readonly CoordinatedLayer[], complete = true) {
    this.layers = layers;
    this.rule = layers[0]!.rule;
    this.complete = complete;
    this.dynamic = this.rule.dynamic && new DynamicMasks(this.rule.dynamic, this.rule.seed);
  }

  /** Every weight being pruned, in the order of the model. */
  get weights(): PrunedWeight[] {
    return this.layers.flatMap(({ pruned }) => pruned);
  }

  /** Training steps begun: -1 before training; the first batch is step 1. */
  get step(): number {
    return this.layers[0]!.pruningStep;
  }

  set step(step: number) {
    const value = tfc.scalar(step, 'int32');
    for (const { stepVariable } of this.layers) stepVariable?.write(value);
    value.dispose();
  }

  /** Grows with every change of a mask. */
  get version(): number {
    return this.weights.reduce((sum, { version }) => sum + version, 0);
  }

  #isNewPass(layer: CoordinatedLayer): boolean {
    const pass = currentPass();
    if (pass !== undefined) {
      if (this.#pass?.deref() === pass) return false;
      this.#pass = new WeakRef(pass);
      this.#seen.clear();
      return true;
    }
    this.#pass = undefined;
    const first = this.#seen.size === 0 || this.#seen.has(layer);
    if (first) this.#seen.clear();
    this.#seen.add(layer);
    return first;
  }

  /** Called by every wrapper in a training pass: the first call of a pass counts the step and updates the masks if due. */
  beginPass(layer: CoordinatedLayer): void {
    if (!this.#isNewPass(layer)) return;
    const step = Math.max(this.step, 0) + 1;
    this.step = step;
    const { weights, rule } = this;
    if (weights.length === 0) return;
    if (this.dynamic) {
      this.dynamic.beginStep(step, weights);
      return;
    }
    const { prune, sparsity } = askSchedule(rule.schedule, step);
    this.#tellScores(sparsity);
    if (prune) this.update(sparsity);
  }

  /** Remembers the present values, where the criterion looks at what they were before training. */
  keepInitialValues(): void {
    const { criterion } = this.rule;
    if (typeof criterion !== 'function' && !String(criterion).startsWith('zhou:')) return;
    // A copy: the backend may hand out its own memory.
    for (const weight of this.weights) weight.initial = weight.readValues().slice();
  }

  #tellScores(sparsity: number): void {
    const scored = this.weights.flatMap(({ scores }) => scores ?? []);
    for (const scores of scored) {
      scores.progress = progressOf(this.rule.schedule, sparsity);
      scores.matrices = scored.length;
    }
  }

  /** Recomputes all masks at a sparsity now. */
  update(sparsity: number): void {
    const { weights, rule } = this;
    if (!this.complete && !isLocal(rule)) {
      throw new SparseError(
        'ERR_SPARSE_SCHEDULE',
        `pruning: the masks of layer "${this.layers[0]!.name}" are ranked together with those of the other layers, which ` +
          'a loaded model does not know yet. Give fit the callback updatePruningStep(), or call afterStep(model) once.',
        { layer: this.layers[0]!.name, expected: 'all layers', received: '1 layer' },
      );
    }
    updateMasks(weights, rule, sparsity);
    for (const weight of weights) weight.apply();
  }
}
