import { SparseError } from '../../errors.ts';
import { checkArray, checkFloat32Array, checkFraction, checkInteger } from '../../native/check.ts';
import { native } from '../../native/load.ts';
import { checkShape } from '../../sparse/check-shape.ts';
import { refuseNan } from '../../sparse/refuse-nan.ts';
import type { Mask } from '../../sparse/structure.ts';
import type { GroupPattern } from '../m-by-n.ts';
import { readActivations } from './activations.ts';

/**
 * Running sums of squares of a layer's inputs: after all batches entry j is Σ x_j² / (number of sequences), over every
 * vector of every sequence. Kept in float64.
 */
export class FeatureNorms {
  readonly #features: number;
  readonly #sums: Float64Array;
  #sequences = 0;

  /** @param features - inputs of the layer */
  constructor(features: number) {
    this.#features = checkInteger('FeatureNorms', 'features', features, 1);
    this.#sums = new Float64Array(features);
  }

  /**
   * Adds a batch of inputs.
   *
   * @param shape - [sequences, …, features], or [vectors, features] for one sequence
   * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_NAN`
   */
  add(activations: Float32Array, shape: readonly number[]): void {
    const { sequences } = readActivations('FeatureNorms', activations, shape, this.#features);
    refuseNan('FeatureNorms', 'activations', activations);
    for (let i = 0; i < activations.length; ) {
      for (let j = 0; j < this.#features; j++) this.#sums[j]! += activations[i++]! ** 2;
    }
    this.#sequences += sequences;
  }

  /** Σ x_j² / sequences, float32; zeros before the first batch. */
  get scalerRow(): Float32Array {
    return Float32Array.from(this.#sums, (sum) => (this.#sequences === 0 ? 0 : sum / this.#sequences));
  }
}

/** @internal Refuses what is no [outputs, inputs] matrix. */
export function checkMatrix(
  what: string,
  name: string,
  values: Float32Array,
  shape: readonly number[],
): [number, number] {
  const size = checkShape(what, shape);
  checkFloat32Array(what, name, values, size);
  if (shape.length === 2) return [shape[0]!, shape[1]!];
  throw new SparseError(
    'ERR_SPARSE_SHAPE',
    `${what}: ${name} has shape [${shape}], expected [outputs, inputs].`,
    {
      tensor: name,
      expected: '[outputs, inputs]',
      received: shape,
    },
  );
}

/**
 * Wanda's scores: |W_ij| · sqrt(scalerRow_j).
 *
 * @param weights - [outputs, inputs], row-major: a Dense kernel transposed
 * @param scalerRow - one per input, of {@link FeatureNorms}
 * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`
 * @see Sun et al. 2023, "A Simple and Effective Pruning Approach for Large Language Models", arXiv:2306.11695, section 3
 */
export function wandaMetric(
  weights: Float32Array,
  shape: readonly [outputs: number, inputs: number],
  scalerRow: Float32Array,
): Float32Array {
  const [, inputs] = checkMatrix('wandaMetric', 'weights', weights, shape);
  checkArray('wandaMetric', 'scalerRow', 'Float32Array', scalerRow, inputs);
  const norms = scalerRow.map(Math.sqrt);
  return weights.map((w, i) => Math.abs(w) * norms[i % inputs]!);
}

/** How much {@link wandaMask} prunes: a fraction of each output, or all but `keep` of every `of` neighbouring inputs. */
export type WandaTarget =
  | {
      /** Fraction of zeros of each output, in [0, 1]. */
      sparsity: number;
    }
  | {
      /** Groups of neighbouring inputs. */
      nm: GroupPattern;
    };

/** Zeroes the `count` lowest of scores[from, to), the lower index first on a tie. */
function pruneLowest(scores: Float32Array, from: number, to: number, count: number, mask: Mask): void {
  const rising = native().rankRising(scores.subarray(from, to));
  for (let i = 0; i < Math.min(count, to - from); i++) mask[from + rising[i]!] = 0;
}

/**
 * Wanda's mask: every output on its own, without any update of weights. Of each output the trunc(inputs · sparsity) lowest
 * scores go; with N:M the `of - keep` lowest of each group of neighbouring inputs, also of a shorter last one. Of equal
 * scores the lower input goes first, as in the authors' stable sort.
 *
 * @param metric - [outputs, inputs], of {@link wandaMetric}
 * @returns mask [outputs, inputs]
 * @throws {@link SparseError} `ERR_SPARSE_NAN`, `ERR_SPARSE_SHAPE`, `ERR_SPARSE_OPTION`
 * @see Sun et al. 2023, arXiv:2306.11695, section 3
 */
export function wandaMask(
  metric: Float32Array,
  shape: readonly [outputs: number, inputs: number],
  target: WandaTarget,
): Mask {
  const what = 'wandaMask';
  const [outputs, inputs] = checkMatrix(what, 'metric', metric, shape);
  refuseNan(what, 'metric', metric);
  let [group, pruned] = [inputs, 0];
  if ('nm' in target) {
    group = checkInteger(what, 'nm.of', target.nm.of, 1);
    pruned = group - checkInteger(what, 'nm.keep', target.nm.keep, 0, group);
  } else {
    pruned = Math.trunc(inputs * checkFraction(what, 'sparsity', target.sparsity));
  }
  const mask = new Uint8Array(metric.length).fill(1);
  for (let row = 0; row < outputs; row++) {
    for (let at = 0; at < inputs; at += group) {
      const from = row * inputs + at;
      pruneLowest(metric, from, Math.min(from + group, (row + 1) * inputs), pruned, mask);
    }
  }
  return mask;
}
