import { describe, expect, it } from 'vitest';
import { native } from '../../../lib/native/load.ts';
import { CsrMatrix, productsOf } from '../../../lib/sparse/csr.ts';
import { rowsWays } from '../../../lib/sparse/kernel-choice.ts';
import { storages } from '../../../lib/sparse/storage.ts';
import { patternedKernel } from '../../helpers/patterned-kernel.ts';
import { Random } from '../../helpers/random.ts';

/** A matrix [n, k]; the pattern's blocks are of its rows. */
function matrix(random: Random, n: number, k: number, pattern: 'unstructured' | 'block 4', sparsity: number) {
  return CsrMatrix.fromDenseKernel(patternedKernel(random, [k, n], pattern, sparsity), k, n);
}

const name = (way: string) => `float32 ${way}`;

describe('the packings of a CSR matrix', () => {
  it('are the ones that the cost model likes best for one row and for many', () => {
    const random = new Random();
    const { isa } = native().info();
    for (let i = 0; i < 20; i++) {
      const [n, k] = [random.integer(8, 400), random.integer(8, 400)];
      const csr = matrix(
        random,
        n,
        k,
        random.pick(['unstructured', 'block 4']),
        random.pick([0.3, 0.6, 0.9]),
      );
      const weight = { n, k, stats: productsOf(csr).stats, storage: 'float32' as const };
      for (const m of [1, 64]) {
        const least = Math.min(...rowsWays(weight, isa, m).map(({ us }) => us));
        expect(productsOf(csr).way(m, 'float32').us, `SEED=${random.seed}, ${n} x ${k}, m ${m}`).toBe(least);
      }
    }
  });

  it('take half as wide tiles for up to eight rows on AVX-512', () => {
    const csr = matrix(new Random(), 512, 512, 'unstructured', 0.9);
    const weight = { n: 512, k: 512, stats: productsOf(csr).stats, storage: 'float32' as const };
    const us = (way: string, m: number) =>
      rowsWays(weight, 'avx512', m).find((candidate) => candidate.name === way)!.us;
    for (const way of ['slices', 'spmm nr 1', 'spmm nr 4']) {
      expect(us(way, 3), way).toBe(us(way, 8));
      expect(us(way, 8), way).toBeLessThan(0.95 * us(way, 9));
      expect(us(way, 9), way).toBe(us(way, 16));
    }
  });

  it('are windows for a row where few weights are left, narrow ones for a narrow storage on AVX2', () => {
    const csr = matrix(new Random(3), 512, 512, 'unstructured', 0.95);
    const best = (isa: string, storage: 'float32' | 'int8') => {
      const ways = rowsWays({ n: 512, k: 512, stats: productsOf(csr).stats, storage }, isa, 1);
      return ways.reduce((a, b) => (b.us < a.us ? b : a)).name;
    };
    expect(best('avx2_fma', 'float32')).toBe('window');
    expect(best('avx2_fma', 'int8')).toBe('narrow window');
    expect(best('avx512', 'int8')).toBe('window');
  });

  it('are made when a product first takes them, once', () => {
    const csr = matrix(new Random(), 256, 256, 'block 4', 0.9);
    expect(productsOf(csr).packed).toEqual([]);
    const one = name(productsOf(csr).way(1, 'float32').name);
    const many = name(productsOf(csr).way(64, 'float32').name);
    expect(one).toMatch(/^float32 (narrow )?window$/);
    expect(many).toMatch(/spmm nr \d/);
    csr.matmul(new Float32Array(256), 1);
    expect(productsOf(csr).packed).toEqual([one]);
    csr.matmul(new Float32Array(64 * 256), 64);
    csr.matmul(new Float32Array(256), 1);
    csr.matmul(new Float32Array(1000 * 256), 1000);
    expect(productsOf(csr).packed).toEqual([one, many]);
  });

  it('are four at most with each storage, whatever numbers of rows are asked for', () => {
    const random = new Random();
    for (let i = 0; i < 12; i++) {
      const [n, k] = [random.integer(1, 300), random.integer(1, 300)];
      const csr = matrix(
        random,
        n,
        k,
        random.pick(['unstructured', 'block 4']),
        random.pick([0.3, 0.6, 0.9]),
      );
      for (const storage of storages)
        for (let m = 0; m < 40; m++) csr.matmul(new Float32Array(m * k), m, { storage });
      for (const storage of storages) {
        const packed = productsOf(csr).packed.filter((key) => key.startsWith(storage));
        expect(packed.length, `SEED=${random.seed}, ${n} x ${k}`).toBeLessThanOrEqual(4);
        expect(packed.length).toBeGreaterThanOrEqual(1);
      }
    }
  });

  it('are slices for a few rows of an unstructured matrix, and give what one row at a time gives', () => {
    const random = new Random();
    const [n, k] = [random.integer(250, 600), random.integer(250, 600)];
    const csr = matrix(random, n, k, 'unstructured', 0.9);
    const few = native().info().isa === 'avx2_fma' ? 'slices' : expect.any(String);
    expect(productsOf(csr).way(8, 'float32').name).toEqual(few);
    expect(productsOf(csr).way(17, 'float32').name).not.toBe('slices');
    const x = random.floats(8 * k);
    const y = csr.matmul(x, 8);
    for (let row = 0; row < 8; row++) {
      const alone = csr.matmul(x.slice(row * k, (row + 1) * k), 1);
      for (let i = 0; i < n; i++)
        expect(Math.abs(y[row * n + i]! - alone[i]!), `SEED=${random.seed}, ${n} x ${k}`).toBeLessThan(1e-4);
    }
  });

  it('take one row more than a register has lanes by itself, and give what each row alone gives', () => {
    const random = new Random();
    const { isa } = native().info();
    const [n, k] = [random.integer(500, 700), random.integer(500, 700)];
    const csr = matrix(random, n, k, 'unstructured', 0.8);
    if (isa === 'avx2_fma') {
      expect(productsOf(csr).way(9, 'float32').name).toBe('slices and narrow window');
      for (const m of [8, 10, 16]) expect(productsOf(csr).way(m, 'float32').name).not.toMatch(/ and /);
    }
    const bias = random.floats(n);
    for (const m of [9, 17]) {
      const x = random.floats(m * k);
      const y = csr.matmul(x, m, { bias, activation: 'relu' });
      for (let row = 0; row < m; row++) {
        const alone = csr.matmul(x.slice(row * k, (row + 1) * k), 1, { bias, activation: 'relu' });
        for (let i = 0; i < n; i++)
          expect(Math.abs(y[row * n + i]! - alone[i]!), `SEED=${random.seed}, ${n} x ${k}`).toBeLessThan(
            1e-4,
          );
      }
    }
  });

  it('do not depend on what was multiplied before', () => {
    const random = new Random();
    const dense = patternedKernel(random, [300, 200], 'unstructured', 0.7);
    const x = random.floats(40 * 300);
    const fresh = (m: number) => CsrMatrix.fromDenseKernel(dense, 300, 200).matmul(x.slice(0, m * 300), m);
    const used = CsrMatrix.fromDenseKernel(dense, 300, 200);
    for (const m of [40, 1, 16, 5, 2, 15, 40, 1])
      expect(used.matmul(x.slice(0, m * 300), m), `SEED=${random.seed}, m ${m}`).toEqual(fresh(m));
  });
});
