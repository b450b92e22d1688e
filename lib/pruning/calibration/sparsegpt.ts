import { SparseError } from '../../errors.ts';
import {
  checkArray,
  checkFloat32Array,
  checkFraction,
  checkInteger,
  checkOptions,
} from '../../native/check.ts';
import { refuseNan } from '../../sparse/refuse-nan.ts';
import type { Mask } from '../../sparse/structure.ts';
import type { GroupPattern } from '../m-by-n.ts';
import { inverseCholesky } from './cholesky.ts';

/** How {@link sparseGptSolve} prunes. Give `sparsity` or `nm`. */
export interface SparseGptConfig {
  /** Fraction of zeros, in [0, 1). Of each block of columns at least trunc(n · sparsity) + 1 entries go. */
  sparsity?: number;
  /** At most `keep` of every `of` neighbouring inputs of each output. */
  nm?: GroupPattern;
  /** Columns (inputs) that share one ranking; default 128. */ blockSize?: number;
  /** Part of the mean of the Hessian's diagonal that is added to it; default 0.01. */ damping?: number;
}

/** What {@link sparseGptSolve} gives. Matrices are row-major. */
export interface SparseGptSolution {
  /** [outputs, inputs]; pruned entries are 0, the others make up for them. */ weights: Float32Array;
  /** [outputs, inputs]; 1 = kept. */ mask: Mask;
  /** Half the sum of squared errors of the columns, as the authors report it. */ loss: number;
  /** U of H⁻¹ = Uᵀ U, [inputs, inputs], float64. */ inverseCholesky: Float64Array;
}

interface Target {
  sparsity: number | undefined;
  /** Entries pruned of each group of neighbouring inputs. */ pruned: number;
  group: number;
}

function readTarget(what: string, { sparsity, nm }: SparseGptConfig): Target {
  if ((sparsity === undefined) === (nm === undefined)) {
    const received = nm === undefined ? 'neither' : 'both';
    throw new SparseError('ERR_SPARSE_OPTION', `${what}: expected sparsity or nm, received ${received}.`, {
      tensor: 'sparsity',
      expected: 'sparsity or nm',
      received,
    });
  }
  if (nm !== undefined) {
    const group = checkInteger(what, 'nm.of', nm.of, 1);
    return { sparsity: undefined, pruned: group - checkInteger(what, 'nm.keep', nm.keep, 0, group), group };
  }
  if (checkFraction(what, 'sparsity', sparsity) < 1) return { sparsity, pruned: 0, group: 1 };
  throw new SparseError('ERR_SPARSE_OPTION', `${what}: sparsity is 1, expected below 1.`, {
    tensor: 'sparsity',
    expected: 'a fraction in [0, 1)',
    received: 1,
  });
}

/** A copy of H with inputs that are never active set to 1 on the diagonal, and damped; and which inputs those are. */
function dampedHessian(hessian: Float64Array, inputs: number, damping: number) {
  const matrix = hessian.slice();
  const dead = new Uint8Array(inputs);
  let trace = 0;
  for (let j = 0; j < inputs; j++) {
    const at = j * inputs + j;
    if (matrix[at] === 0) {
      dead[j] = 1;
      matrix[at] = 1;
    }
    trace += matrix[at]!;
  }
  for (let j = 0; j < inputs; j++) matrix[j * inputs + j]! += (damping * trace) / inputs;
  return { matrix, dead };
}

/** The state of a solve: weights in float64, one row per output. */
interface Solver {
  weights: Float64Array;
  mask: Mask;
  upper: Float64Array;
  outputs: number;
  inputs: number;
}

function saliency({ weights, upper, inputs }: Solver, row: number, j: number): number {
  return weights[row * inputs + j]! ** 2 / upper[j * inputs + j]! ** 2;
}

/** Prunes, of all entries of the columns [first, end), those up to the trunc(n · sparsity)-th lowest, counted from 0. */
function maskBlock(solver: Solver, first: number, end: number, sparsity: number): void {
  const { outputs, inputs, mask } = solver;
  const width = end - first;
  const scores = new Float64Array(outputs * width);
  for (let row = 0; row < outputs; row++) {
    for (let j = first; j < end; j++) scores[row * width + j - first] = saliency(solver, row, j);
  }
  const cut = scores.slice().sort()[Math.trunc(scores.length * sparsity)]!;
  scores.forEach((score, i) => {
    if (score <= cut) mask[Math.trunc(i / width) * inputs + first + (i % width)] = 0;
  });
}

/** In each row, prunes the `pruned` lowest of the columns [first, end), the lower one first on a tie. */
function maskGroup(solver: Solver, first: number, end: number, pruned: number): void {
  const columns = Array.from({ length: end - first }, (_, i) => first + i);
  for (let row = 0; row < solver.outputs; row++) {
    const scores = columns.map((j) => saliency(solver, row, j));
    const rising = columns.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
    for (const i of rising.slice(0, pruned)) solver.mask[row * solver.inputs + first + i] = 0;
  }
}

/** Zeroes what the mask prunes of column j and lets the later columns of [j, end) make up for it. @returns the loss */
function eliminate(solver: Solver, errors: Float64Array, j: number, first: number, end: number): number {
  const { weights, mask, upper, outputs, inputs } = solver;
  const pivot = upper[j * inputs + j]!;
  let loss = 0;
  for (let row = 0; row < outputs; row++) {
    const at = row * inputs;
    const error = mask[at + j] === 0 ? weights[at + j]! / pivot : 0;
    errors[row * (end - first) + j - first] = error;
    if (error === 0) continue;
    loss += error ** 2 / 2;
    for (let c = j; c < end; c++) weights[at + c]! -= error * upper[j * inputs + c]!;
  }
  return loss;
}

/** Lets the columns after a block make up for its errors. */
function propagate(
  { weights, upper, outputs, inputs }: Solver,
  errors: Float64Array,
  first: number,
  end: number,
) {
  for (let row = 0; row < outputs; row++) {
    for (let j = first; j < end; j++) {
      const error = errors[row * (end - first) + j - first]!;
      if (error === 0) continue;
      for (let c = end; c < inputs; c++) weights[row * inputs + c]! -= error * upper[j * inputs + c]!;
    }
  }
}

/**
 * SparseGPT's solver for one layer: prunes column by column and moves what is left so that the layer's outputs on the
 * calibration data change least (optimal brain surgeon in a fixed order of inputs). With U of H⁻¹ = Uᵀ U, an entry's
 * saliency is w² / U_jj²; the error e = w / U_jj of a pruned entry goes to the later columns as -e · U_j. Inputs that were
 * never active (H_jj = 0) are pruned. All arithmetic is float64.
 *
 * N:M groups begin anew with each block of columns and, when they are shorter than `of`, lose as many.
 *
 * @param weights - [outputs, inputs], row-major: a Dense kernel transposed; not changed
 * @param hessian - [inputs, inputs] of `LayerHessian`; not changed
 * @throws {@link SparseError} `ERR_SPARSE_SINGULAR` when the damped Hessian is not positive definite: raise `damping`;
 * `ERR_SPARSE_OPTION`, `ERR_SPARSE_SHAPE`, `ERR_SPARSE_NAN`
 * @see Frantar & Alistarh 2023, "SparseGPT", arXiv:2301.00774, section 3
 */
export function sparseGptSolve(
  weights: Float32Array,
  shape: readonly [outputs: number, inputs: number],
  hessian: Float64Array,
  config: SparseGptConfig,
): SparseGptSolution {
  const what = 'sparseGptSolve';
  checkOptions(what, config, ['sparsity', 'nm', 'blockSize', 'damping']);
  const outputs = checkInteger(what, 'shape[0]', shape[0], 1);
  const inputs = checkInteger(what, 'shape[1]', shape[1], 1);
  checkFloat32Array(what, 'weights', weights, outputs * inputs);
  checkArray(what, 'hessian', 'Float64Array', hessian, inputs * inputs);
  refuseNan(what, 'weights', weights);
  const target = readTarget(what, config);
  const blockSize = checkInteger(what, 'blockSize', config.blockSize ?? 128, 1);
  const damping = checkFraction(what, 'damping', config.damping ?? 0.01);
  const { matrix, dead } = dampedHessian(hessian, inputs, damping);
  const upper = inverseCholesky(matrix, inputs);
  const solver: Solver = {
    weights: Float64Array.from(weights, (w, i) => (dead[i % inputs] === 1 ? 0 : w)),
    mask: new Uint8Array(weights.length).fill(1),
    upper,
    outputs,
    inputs,
  };
  let loss = 0;
  for (let first = 0; first < inputs; first += blockSize) {
    const end = Math.min(first + blockSize, inputs);
    if (target.sparsity !== undefined) maskBlock(solver, first, end, target.sparsity);
    const errors = new Float64Array(outputs * (end - first));
    for (let j = first; j < end; j++) {
      if (target.sparsity === undefined && (j - first) % target.group === 0) {
        maskGroup(solver, j, Math.min(j + target.group, end), target.pruned);
      }
      loss += eliminate(solver, errors, j, first, end);
    }
    propagate(solver, errors, first, end);
  }
  const mask = solver.mask.map((bit, i) => (dead[i % inputs] === 1 ? 0 : bit));
  return {
    weights: Float32Array.from(solver.weights, (w, i) => (mask[i] === 1 ? w : 0)),
    mask,
    loss,
    inverseCholesky: upper,
  };
}
