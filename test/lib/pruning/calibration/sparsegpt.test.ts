import { describe, expect, it } from 'vitest';
import { inverseCholesky } from '../../../../lib/pruning/calibration/cholesky.ts';
import { LayerHessian } from '../../../../lib/pruning/calibration/hessian.ts';
import { type SparseGptConfig, sparseGptSolve } from '../../../../lib/pruning/calibration/sparsegpt.ts';
import { Random } from '../../../helpers/random.ts';
import { failure } from '../../sparse/failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const f64 = (...values: number[]) => Float64Array.from(values);

describe('LayerHessian', () => {
  it('is twice the mean product of inputs per sequence', () => {
    const hessian = new LayerHessian(2);
    expect([...hessian.matrix]).toEqual([0, 0, 0, 0]);
    hessian.add(f32(1, 2, 3, 0), [2, 1, 2]);
    expect([...hessian.matrix]).toEqual([10, 2, 2, 4]);
    hessian.add(f32(1, 1, 1, 1), [2, 2]);
    // (1·1 + 3·3 + 1 + 1) · 2 / 3 sequences
    expect(hessian.matrix[0]).toBeCloseTo(8, 12);
  });

  it('refuses what does not fit', () => {
    expect(failure(() => new LayerHessian(2).add(f32(1, 2, 3), [1, 3])).code).toBe('ERR_SPARSE_SHAPE');
    expect(failure(() => new LayerHessian(2).add(f32(1, Number.NaN), [1, 2])).code).toBe('ERR_SPARSE_NAN');
  });
});

describe('inverseCholesky', () => {
  it('is the upper triangle of the inverse', () => {
    const upper = inverseCholesky(f64(2, 1, 1, 2), 2);
    expect([...upper].map((x) => Math.round(x * 1e6))).toEqual([816497, -408248, 0, 707107]);
  });

  it('times its transpose and the matrix is the identity', () => {
    const random = new Random();
    const n = 24;
    const hessian = new LayerHessian(n);
    hessian.add(random.floats(3 * n * n), [3 * n, n]);
    const h = hessian.matrix;
    const u = inverseCholesky(h, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) {
          for (let l = 0; l < n; l++) sum += u[l * n + i]! * u[l * n + k]! * h[k * n + j]!;
        }
        expect(Math.abs(sum - (i === j ? 1 : 0)), `seed ${random.seed}`).toBeLessThan(1e-9);
      }
    }
  });

  it('refuses a matrix that is not positive definite, saying what to do', () => {
    const error = failure(() => inverseCholesky(f64(1, 2, 2, 1), 2));
    expect(error).toMatchObject({ code: 'ERR_SPARSE_SINGULAR', tensor: 'hessian', received: -3 });
    expect(error.message).toContain('damping');
    expect(failure(() => inverseCholesky(f64(Number.NaN), 1)).code).toBe('ERR_SPARSE_SINGULAR');
  });
});

describe('sparseGptSolve', () => {
  const exact = { damping: 0 };

  it('removes the less salient weight and moves the other to make up for it', () => {
    const solved = sparseGptSolve(f32(1, 2), [1, 2], f64(2, 1, 1, 2), { ...exact, nm: { keep: 1, of: 2 } });
    expect([...solved.weights]).toEqual([0, 2.5]);
    expect([...solved.mask]).toEqual([0, 1]);
    // e = 1 / 0.816497, half its square is the saliency of optimal brain surgeon, w² / (2 H⁻¹).
    expect(solved.loss).toBeCloseTo(0.75, 12);
  });

  it('is magnitude pruning where inputs are independent', () => {
    const weights = f32(3, -1, 2, 0.5);
    const solved = sparseGptSolve(weights, [1, 4], f64(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1), {
      ...exact,
      sparsity: 0.25,
    });
    // trunc(4 · 0.25) = 1, counted from 0: two entries go.
    expect([...solved.weights]).toEqual([3, 0, 2, 0]);
  });

  it('begins its groups anew with each block of columns, a short one losing as many', () => {
    const identity = new Float64Array(25);
    for (let i = 0; i < 5; i++) identity[6 * i] = 1;
    const nm = { keep: 1, of: 2 };
    const mask = (blockSize: number) =>
      sparseGptSolve(f32(1, 2, 3, 4, 5), [1, 5], identity, { ...exact, nm, blockSize }).mask.join('');
    expect(mask(3)).toBe('01001');
    expect(mask(5)).toBe('01010');
  });

  it('takes the ranking of each block on its own', () => {
    const identity = f64(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    const mask = (blockSize: number) =>
      sparseGptSolve(f32(1, 2, 3, 4), [1, 4], identity, { ...exact, sparsity: 0.25, blockSize }).mask.join(
        '',
      );
    expect(mask(4)).toBe('0011');
    expect(mask(2)).toBe('0101');
  });

  it('prunes inputs that were never active and leaves what it was given', () => {
    const [weights, hessian] = [f32(5, 1, 4, 3), f64(0, 0, 0, 2)];
    const solved = sparseGptSolve(weights, [2, 2], hessian, { nm: { keep: 2, of: 2 } });
    expect([...solved.mask]).toEqual([0, 1, 0, 1]);
    expect([...solved.weights]).toEqual([0, 1, 0, 3]);
    expect([...weights, ...hessian]).toEqual([5, 1, 4, 3, 0, 0, 0, 2]);
  });

  it('changes the outputs less than pruning the same number by magnitude does', () => {
    const random = new Random();
    const [outputs, inputs, vectors] = [8, 32, 200];
    const x = Float32Array.from({ length: vectors * inputs });
    const common = random.floats(vectors);
    for (let i = 0; i < x.length; i++) x[i] = random.normal() + 2 * common[Math.floor(i / inputs)]!;
    const weights = random.floats(outputs * inputs);
    const hessian = new LayerHessian(inputs);
    hessian.add(x, [vectors, inputs]);
    const { weights: solved, mask } = sparseGptSolve(weights, [outputs, inputs], hessian.matrix, {
      nm: { keep: 2, of: 4 },
    });
    const byMagnitude = weights.slice();
    for (let at = 0; at < weights.length; at += 4) {
      const order = [0, 1, 2, 3].sort((a, b) => Math.abs(weights[at + a]!) - Math.abs(weights[at + b]!));
      for (const i of order.slice(0, 2)) byMagnitude[at + i] = 0;
    }
    const error = (pruned: Float32Array) => {
      let sum = 0;
      for (let v = 0; v < vectors; v++) {
        for (let row = 0; row < outputs; row++) {
          let difference = 0;
          for (let j = 0; j < inputs; j++) {
            difference += (pruned[row * inputs + j]! - weights[row * inputs + j]!) * x[v * inputs + j]!;
          }
          sum += difference ** 2;
        }
      }
      return sum;
    };
    expect(mask.reduce((sum, bit) => sum + bit, 0)).toBe(weights.length / 2);
    expect(error(solved), `seed ${random.seed}`).toBeLessThan(error(byMagnitude) / 2);
  });

  it('refuses a Hessian without an inverse, and other bad input', () => {
    const solve = (config: SparseGptConfig, hessian = f64(2, 1, 1, 2), weights = f32(1, 2)) =>
      failure(() => sparseGptSolve(weights, [1, 2], hessian, config)).code;
    // Both inputs always the same: without damping there is no inverse.
    expect(solve({ sparsity: 0.5, damping: 0 }, f64(1, 1, 1, 1))).toBe('ERR_SPARSE_SINGULAR');
    expect(solve({})).toBe('ERR_SPARSE_OPTION');
    expect(solve({ sparsity: 0.5, nm: { keep: 1, of: 2 } })).toBe('ERR_SPARSE_OPTION');
    expect(solve({ sparsity: 1 })).toBe('ERR_SPARSE_OPTION');
    expect(solve({ nm: { keep: 3, of: 2 } })).toBe('ERR_SPARSE_OPTION');
    expect(solve({ sparsity: 0.5, blockSize: 0 })).toBe('ERR_SPARSE_OPTION');
    expect(solve({ sparsity: 0.5, damping: -1 })).toBe('ERR_SPARSE_OPTION');
    expect(solve({ sparsity: 0.5, blocksize: 3 } as never)).toBe('ERR_SPARSE_OPTION');
    expect(solve({ sparsity: 0.5 }, f64(1))).toBe('ERR_SPARSE_SHAPE');
    expect(solve({ sparsity: 0.5 }, undefined, f32(1, Number.NaN))).toBe('ERR_SPARSE_NAN');
  });
});
