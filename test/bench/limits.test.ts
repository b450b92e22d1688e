import { expect, it } from 'vitest';
import { tileOf } from '../../bench/suites/kernel-rows.ts';
import { boundOf, type Limits } from '../../bench/suites/limits.ts';

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
  expect(tileOf('spmm_slices_i8_minmax_16x4__avx2_fma')).toBe('16x1');
  expect(tileOf('spmv_window_f32_minmax_8x16__avx2_fma')).toBeUndefined();
});
