import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { applyMask } from '../sparse/masks.ts';
import type { Compat, Mask, Structure } from '../sparse/structure.ts';
import { MaskFactor } from './mask-factor.ts';
import type { MovementScores } from './movement/scores.ts';
import { tfc } from './peers.ts';
import { type LayerVariable, variableOf } from './tf-types.ts';

/** Variables that one weight is pruned by. */
export interface PruningVariables {
  /** The weight itself. */ weight: LayerVariable;
  /** bool, shaped as the weight; true = keep. */ mask: LayerVariable;
  /** Smallest score kept at the last update; 0 before. */ threshold: LayerVariable;
  /** Of movement pruning. */ scores?: MovementScores | undefined;
}

/** What all weights of one wrapped layer share. */
export interface WeightRule {
  layer: string;
  structure: Structure;
  compat: Compat;
}

/**
 * One weight that is being pruned, with its mask and threshold. Unless it follows TFMOT or learns scores, its pruned
 * entries are zero at any time: whoever assigns to the variable (an optimizer, `setWeights`, a custom loop).
 */
export class PrunedWeight {
  /** `layer/name`. */ readonly key: string;
  /** Name inside the layer, e.g. `kernel`. */ readonly name: string;
  /** Name of the layer. */ readonly layer: string;
  readonly weight: LayerVariable;
  readonly mask: LayerVariable;
  readonly threshold: LayerVariable;
  readonly scores: MovementScores | undefined;
  /** The pattern that this weight gets. */ readonly structure: Structure;
  readonly compat: Compat;
  /** Whether pruned entries of the variable are zero at any time. */ readonly exact: boolean;
  /** Values before training, where the criterion looks at them. */ initial?: Float32Array;
  /** Grows with every change of the mask. */ version = 0;
  /** Whoever assigns now is known to leave zeros alone. */ trusted = false;
  /** Pruned entries are zero under the present mask. */ #clean = false;
  readonly #factor = new MaskFactor();

  constructor(name: string, { weight, mask, threshold, scores }: PruningVariables, rule: WeightRule) {
    this.key = `${rule.layer}/${name}`;
    this.name = name;
    this.layer = rule.layer;
    this.weight = weight;
    this.mask = mask;
    this.threshold = threshold;
    this.scores = scores;
    this.compat = rule.compat;
    // A bias has no neighbours: blocks and groups mean nothing there.
    this.structure = weight.shape.length === 1 ? { type: 'unstructured' } : rule.structure;
    this.exact = rule.compat !== 'tfmot' && scores === undefined;
    if (this.exact) this.#guard();
  }

  #guard(): void {
    const { variable, keep } = this;
    const { assign } = variable;
    variable.assign = (value) => {
      const odd = value.dtype !== variable.dtype || !tfc.util.arraysEqual(value.shape, variable.shape);
      // TF.js says what is odd about it.
      if (odd || this.trusted) {
        assign.call(variable, value);
        return;
      }
      const masked = this.masked(value);
      assign.call(variable, masked);
      masked.dispose();
      this.#clean = true;
    };
    const assignMask = keep.assign;
    keep.assign = (value) => {
      assignMask.call(keep, value);
      this.#clean = false;
      this.version++;
    };
  }

  get variable(): Variable {
    return variableOf(this.weight);
  }

  /** The mask as a tensor, owned by this object. */
  get keep(): Variable {
    return variableOf(this.mask);
  }

  get shape(): number[] {
    return this.weight.shape as number[];
  }

  /** Whether a structure means nothing here. */
  get bias(): boolean {
    return this.shape.length === 1;
  }

  /** The mask's bytes; may be the backend's own memory. */
  readMask(): Mask {
    return this.keep.dataSync() as unknown as Mask;
  }

  /** The weight's values; may be the backend's own memory. */
  readValues(): Float32Array {
    return this.variable.dataSync() as Float32Array;
  }

  /** The values that the layer computes with. */
  readEffective(): Float32Array {
    return this.scores ? applyMask(this.readValues(), this.readMask()) : this.readValues();
  }

  /**
   * A new tensor of the weight's shape, +0 where the weight is pruned, NaN and infinity included. Only of an exact weight.
   */
  masked(tensor: Tensor): Tensor {
    // A mask that nobody wrote keeps all: before its first update a schedule costs nothing.
    if (this.version === 0) return tfc.clone(tensor);
    return this.#factor.masked(tensor, this.keep, this.#clean ? this.variable : undefined);
  }

  /** Frees what was made for speed; the variables belong to the layers. */
  dispose(): void {
    this.#factor.dispose();
    this.scores?.dispose();
  }

  /** Takes a mask as it is, and the smallest score that it keeps; the weight itself is left to `apply`. */
  writeMask(mask: Mask, threshold?: number): void {
    tfc.tidy(() => {
      this.mask.write(tfc.tensor(mask, this.shape, 'bool'));
      if (threshold !== undefined) this.threshold.write(tfc.scalar(threshold));
    });
  }

  /** Makes pruned entries zero now; not where scores are learned, which need the values. */
  apply(): void {
    const { variable } = this;
    if (this.exact) {
      if (!this.#clean) variable.assign(variable); // the guard masks it
    } else if (!this.scores) {
      tfc.tidy(() => variable.assign(tfc.mul(variable, this.keep)));
    }
  }
}
