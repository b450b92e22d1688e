import { SparseError } from '../../errors.ts';

/**
 * The upper triangle U with H⁻¹ = Uᵀ U, in float64: H = R Rᵀ with R upper (Cholesky from the last row up), U = R⁻¹.
 *
 * @param matrix - H, [n, n], symmetric and positive definite; not changed
 * @param name - what it is called in errors
 * @returns U, [n, n], zeros below its diagonal
 * @throws {@link SparseError} `ERR_SPARSE_SINGULAR` when H is not positive definite (or not finite)
 */
export function inverseCholesky(matrix: Float64Array, n: number, name = 'hessian'): Float64Array {
  const r = new Float64Array(n * n);
  for (let j = n - 1; j >= 0; j--) {
    // Column j of R, from its diagonal up: H[i][j] = Σ_{k >= j} R[i][k] · R[j][k].
    const rowJ = j * n;
    let rest = matrix[rowJ + j]!;
    for (let k = j + 1; k < n; k++) rest -= r[rowJ + k]! ** 2;
    if (!(rest > 0) || !Number.isFinite(rest)) {
      throw new SparseError(
        'ERR_SPARSE_SINGULAR',
        `inverseCholesky: ${name} is not positive definite: pivot ${j} of ${n} is ${rest}, expected above 0. Raise the ` +
          'damping or calibrate with more data.',
        { tensor: name, expected: 'a positive definite matrix', received: rest },
      );
    }
    const pivot = Math.sqrt(rest);
    r[rowJ + j] = pivot;
    for (let i = 0; i < j; i++) {
      const rowI = i * n;
      let sum = matrix[rowI + j]!;
      for (let k = j + 1; k < n; k++) sum -= r[rowI + k]! * r[rowJ + k]!;
      r[rowI + j] = sum / pivot;
    }
  }
  // U = R⁻¹ row by row from the last: U[i] = (e_i - Σ_{k > i} R[i][k] · U[k]) / R[i][i].
  const u = new Float64Array(n * n);
  for (let i = n - 1; i >= 0; i--) {
    const row = u.subarray(i * n, (i + 1) * n);
    row[i] = 1;
    for (let k = i + 1; k < n; k++) {
      const factor = r[i * n + k]!;
      if (factor === 0) continue;
      const below = u.subarray(k * n, (k + 1) * n);
      for (let c = k; c < n; c++) row[c]! -= factor * below[c]!;
    }
    const pivot = r[i * n + i]!;
    for (let c = i; c < n; c++) row[c]! /= pivot;
  }
  return u;
}
