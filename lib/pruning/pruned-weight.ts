import type { Variable } from '@tensorflow/tfjs-core';
import { SparseError } from '../errors.ts';
import type { Compat, Mask, Structure } from '../sparse/structure.ts';
import { maskByMagnitude } from './mask.ts';
import { tfc } from './peers.ts';
import { type LayerVariable, variableOf } from './tf-types.ts';

/** Stored where a mask has one cut per group and so no threshold; TFMOT's value is 999. */
const noThreshold = (compat: Compat) => (compat === 'tfmot' ? 999 : 0);

/** What all weights of one wrapped layer share. */
export interface WeightRule {
  layer: string;
  structure: Structure;
  compat: Compat;
}

/** One weight that is being pruned, with its mask and threshold. */
export class PrunedWeight {
  /** Name inside the layer, e.g. `kernel`. */ readonly name: string;
  readonly weight: LayerVariable;
  /** bool, shaped as the weight; true = keep. */ readonly mask: LayerVariable;
  /** Smallest magnitude kept at the last update; 0 before. */ readonly threshold: LayerVariable;
  /** The pattern that this weight gets. */ readonly structure: Structure;
  readonly #rule: WeightRule;

  constructor(
    name: string,
    weight: LayerVariable,
    mask: LayerVariable,
    threshold: LayerVariable,
    rule: WeightRule,
  ) {
    this.name = name;
    this.weight = weight;
    this.mask = mask;
    this.threshold = threshold;
    this.#rule = rule;
    // A bias has no neighbours: blocks and groups mean nothing there.
    this.structure = weight.shape.length === 1 ? { type: 'unstructured' } : rule.structure;
    if (rule.compat !== 'tfmot') this.#guard();
  }

  /**
   * From now on, whoever assigns to the variable (an optimizer, `setWeights`, a custom loop), pruned entries come out
   * as zero. `where`, not a product: NaN times zero is NaN.
   */
  #guard(): void {
    const variable = this.variable;
    const assign = variable.assign;
    variable.assign = (value) => {
      if (value.dtype !== variable.dtype || !tfc.util.arraysEqual(value.shape, variable.shape)) {
        assign.call(variable, value); // says what is wrong with it
        return;
      }
      const masked = tfc.tidy(() => tfc.where(this.keep, value, tfc.zerosLike(value)));
      assign.call(variable, masked);
      masked.dispose();
    };
  }

  get variable(): Variable {
    return variableOf(this.weight);
  }

  /** The mask as a tensor, owned by this object. */
  get keep(): Variable {
    return variableOf(this.mask);
  }

  /** The mask's bytes; may be the backend's own memory. */
  readMask(): Uint8Array {
    return this.keep.dataSync() as unknown as Uint8Array;
  }

  /**
   * Ranks the present values and takes the mask and threshold from that; the weight itself is left to `apply`.
   *
   * @throws {@link SparseError} `ERR_SPARSE_NAN`, naming the weight
   */
  update(sparsity: number): void {
    const { layer, compat } = this.#rule;
    if (Number.isNaN(sparsity)) {
      throw new SparseError(
        'ERR_SPARSE_SCHEDULE',
        `pruning: the schedule gives a sparsity of NaN for layer "${layer}". A polynomial decay does so where its ` +
          'endStep equals its beginStep: make the window longer or take constantSparsity.',
        { layer, tensor: this.name, expected: 'a number in [0, 1]', received: sparsity },
      );
    }
    const { structure } = this;
    const { shape } = this.weight;
    const values = this.variable.dataSync() as Float32Array;
    const name = `${this.name} of layer "${layer}"`;
    const made = maskByMagnitude(values, shape as number[], { sparsity, structure, compat }, name);
    this.writeMask(made.mask);
    tfc.tidy(() => void this.threshold.write(tfc.scalar(made.threshold ?? noThreshold(compat))));
  }

  /** Takes a mask as it is; the weight itself is left to `apply`. */
  writeMask(mask: Mask): void {
    tfc.tidy(() => void this.mask.write(tfc.tensor(mask, this.weight.shape as number[], 'bool')));
  }

  /** Makes pruned entries zero now. */
  apply(): void {
    const { variable } = this;
    if (this.#rule.compat !== 'tfmot') {
      variable.assign(variable); // the guard masks it
      return;
    }
    tfc.tidy(() => variable.assign(tfc.mul(variable, this.keep)));
  }
}
