import type { Storage } from './storage.ts';

/**
 * How fast each way of multiplying runs, for the cost model. Only ratios between the ways of one instruction set matter;
 * absolute figures are of one core and make the estimates of `describe()` readable.
 *
 * avx2_fma: measured on one core of an AMD EPYC 9004 at about 2.75 GHz (peak 88 GFLOP/s), 1024², M = 1 to 64, 2026-11.
 * avx512: from a prototype on a Zen 5 server core (peak 248 GFLOP/s), 1024², M = 64; not yet measured with these kernels.
 * neon: never measured. Counted from the compiled loops, for a core that issues four instructions in a cycle of 0.385 ns,
 * two of them loads and two of them multiply-adds (peak 41.6 GFLOP/s), and takes three for a table look-up in 64 bytes.
 * scalar: entries cost the same whatever their pattern.
 */
export interface KernelRates {
  /** Floats of one register: M is rounded up to it. */
  lanes: number;
  /** GFLOP/s of stored multiply-adds, by the outputs that share a pattern; dense is every input. */
  dense: number;
  nr: Readonly<Record<1 | 2 | 4 | 8, number>>;
  /** Nanoseconds that starting a group of outputs costs, per block of 256 inputs and tile. */
  groupNs: number;
  /** GFLOP/s of a dense weight with no more columns than lanes. */
  denseNarrow: number;
  /** Nanoseconds per slot of a window, padding included. */
  slotNs: number;
  /** What two and four vectors at once take, in times of one, and how often four read the weight. */
  vectors: Readonly<Record<'window' | 'dense', { of2: number; of4: number; readsOf4: number }>>;
}

const vectors: KernelRates['vectors'] = {
  window: { of2: 1.6, of4: 2.6, readsOf4: 1 },
  dense: { of2: 1.1, of4: 1.95, readsOf4: 2 },
};

const rates: Readonly<Record<string, KernelRates>> = {
  avx512: {
    lanes: 16,
    dense: 235,
    nr: { 1: 115, 2: 170, 4: 220, 8: 225 },
    groupNs: 6,
    denseNarrow: 120,
    slotNs: 0.06,
    vectors,
  },
  avx2_fma: {
    lanes: 8,
    dense: 85,
    nr: { 1: 58, 2: 75, 4: 78, 8: 64 },
    groupNs: 8,
    denseNarrow: 73,
    slotNs: 0.106,
    vectors,
  },
  scalar: {
    lanes: 8,
    dense: 1,
    nr: { 1: 1, 2: 1, 4: 1, 8: 1 },
    groupNs: 0,
    denseNarrow: 1,
    slotNs: 2,
    vectors: { window: { of2: 2, of4: 4, readsOf4: 4 }, dense: { of2: 2, of4: 4, readsOf4: 4 } },
  },
  neon: {
    lanes: 4,
    dense: 39,
    nr: { 1: 30, 2: 37, 4: 38, 8: 38 },
    groupNs: 8,
    denseNarrow: 38,
    slotNs: 0.35,
    vectors,
  },
};

/** What is left of float32's rates where a storage's weights must be made floats first. */
export interface StorageRates {
  nr: Readonly<Record<1 | 2 | 4 | 8, number>>;
  /** Dense weights and several columns. */
  dense: number;
  /** Dense weights and a single column. Windows run as fast with every storage. */
  denseVector: number;
}

/**
 * Measured in caches with avx2_fma on one core of an AMD EPYC 9004: 1024², M = 8 to 64 and M = 1, the least favourable M,
 * 2026-11. Other instruction sets are taken to lose as much.
 */
export const storageRates: Readonly<Record<Storage, StorageRates>> = {
  float32: { nr: { 1: 1, 2: 1, 4: 1, 8: 1 }, dense: 1, denseVector: 1 },
  bfloat16: { nr: { 1: 0.99, 2: 0.96, 4: 0.91, 8: 0.94 }, dense: 0.96, denseVector: 0.55 },
  int8: { nr: { 1: 0.98, 2: 0.89, 4: 0.81, 8: 0.77 }, dense: 0.83, denseVector: 0.55 },
};

/** The rates of an instruction set; scalar's for one that is not known. */
export function kernelRates(isa: string): KernelRates {
  return rates[isa] ?? rates.scalar!;
}

/** Bytes per nanosecond at which weights stream, by how much there is of them: level 2, level 3, memory. */
export function streamRate(bytes: number): number {
  if (bytes < 1e6) return 60;
  return bytes < 24e6 ? 70 : 25;
}
