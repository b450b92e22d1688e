import { expect, it } from 'vitest';
import { type KernelCell, kernelRow, tileOf } from '../../bench/suites/kernel-rows.ts';
import { boundOf, type Limits } from '../../bench/suites/limits.ts';
import { SpreadLimits } from '../../bench/suites/spread-limits.ts';

const limits: Limits = {
  isa: 'avx2_fma',
  fma: 100,
  load: { '32x1': 80, '24x4': 99 },
  read: { l1: 200, l2: 100, l3: 50, memory: 20 },
  size: { l1: 32e3, l2: 1e6, l3: 32e6 },
};
const work = { n: 1000, k: 1000, m: 64, nonZero: 100_000, storageBytes: 4, dense: false };

it('a tile is bound by its loads, or by the arithmetic where the loads allow more', () => {
  expect(boundOf({ ...work, tile: '32x1' }, limits)).toEqual({
    limit: 'load-bound peak 32x1',
    us: (2 * 100_000 * 64) / 80e3,
  });
  expect(boundOf({ ...work, tile: '24x4' }, { ...limits, load: { '24x4': 120 } }).limit).toBe('fma peak');
});

it('a vector is bound by the level that holds its useful bytes: values, one byte of index, vectors', () => {
  // 500 000 bytes of weights and 8000 of vectors.
  expect(boundOf({ ...work, m: 1 }, limits)).toEqual({ limit: 'read l2', us: 5.08 });
  expect(boundOf({ ...work, m: 1, nonZero: 1e6 }, limits).limit).toBe('read l3');
  expect(boundOf({ ...work, m: 1, nonZero: 1e7 }, limits).limit).toBe('read memory');
  expect(boundOf({ ...work, m: 1, storageBytes: 1 }, limits).us).toBe(2.08);
  expect(boundOf({ ...work, m: 1, dense: true }, limits).us).toBe(4.08);
});

it('takes the tile that a kernel loads for each output', () => {
  expect(tileOf('spmm_csr_f32_minmax_32x1__avx2_fma')).toBe('32x1');
  expect(tileOf('spmm_bsr_bf16_minmax_24x4__avx2_fma')).toBe('24x4');
  expect(tileOf('spmm_slices_i8_minmax_16x4__avx2_fma')).toBe('slices 16x4');
  expect(tileOf('spmv_window_f32_minmax_8x16__avx2_fma')).toBeUndefined();
});

const cell: KernelCell = {
  n: 1000,
  k: 1000,
  m: 64,
  sparsity: 0.9,
  structure: 'block4',
  storage: 'float32',
  threads: 1,
  isa: 'avx2_fma',
  nonZero: 100_000,
};

/** The row of a kernel that computes so many GFLOP/s. */
function rowAt(gflops: number, threads = 1) {
  const found = {
    engine: 'tfjs-sparse',
    medianUs: (2 * cell.nonZero * cell.m) / gflops / 1e3,
    madUs: 0,
    samples: 11,
    calls: 1,
    ratio: 1,
    ratioInterval: null,
    maxDifference: 0,
    facts: { kernel: 'spmm_bsr_f32_minmax_24x4__avx2_fma' },
  };
  return (best: Limits) => [
    kernelRow(
      { ...cell, threads },
      { name: 'tfjs-sparse', level: 'kernel', kind: 'own' } as never,
      found,
      best,
    ),
  ];
}

/** Limits as a machine with other work measures them, one after the other, and how often that was. */
function disturbed(...peaks: number[]) {
  let times = 0;
  const spread = new SpreadLimits(async () => {
    const peak = peaks[Math.min(times++, peaks.length - 1)]!;
    return { ...limits, fma: peak, load: { '24x4': peak, '32x1': 200 - peak } };
  });
  return { spread, times: () => times };
}

it('a limit is the best of all measurements of a run', async () => {
  const { spread } = disturbed(60, 90, 70);
  expect(spread.best).toBeUndefined();
  for (let i = 0; i < 3; i++) await spread.again();
  expect(spread.best).toEqual({ ...limits, fma: 90, load: { '24x4': 90, '32x1': 140 } });
});

it('limits that a row beats are measured again, until they are above it', async () => {
  const { spread, times } = disturbed(57, 58, 91, 80);
  await spread.again();
  const [row] = await spread.rows(rowAt(84));
  expect(row!.shareOfLimit).toBeCloseTo(84 / 91, 9);
  expect(row!.note).not.toContain('above the limit');
  expect(times()).toBe(3);
  await spread.rows(rowAt(92)); // 1 % is the clock's
  expect(times()).toBe(3);
});

it('a row that stays above its limit says so', async () => {
  const { spread, times } = disturbed(60);
  const [row] = await spread.rows(rowAt(84));
  expect(row!.shareOfLimit).toBeCloseTo(1.4, 9);
  expect(row!.note).toContain('above the limit as it was measured');
  expect(times()).toBe(5);
});

it('two threads have the limits of two cores', async () => {
  const { spread, times } = disturbed(91);
  const [row] = await spread.rows(rowAt(140, 2));
  expect(row!.shareOfLimit).toBeCloseTo(140 / 182, 9);
  expect(times()).toBe(1);
});
