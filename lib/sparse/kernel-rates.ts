import type { Storage } from './storage.ts';

/** One width of the tiles of unstructured weights. */
export interface TileRates {
  /** Registers of columns. */
  registers: number;
  /** GFLOP/s of stored multiply-adds. */
  rate: number;
  /** Nanoseconds that starting an output costs, per block of 256 inputs, with its share of turning rows to columns. */
  groupNs: number;
}

/** Windows of one width. */
export interface WindowRates {
  /** Nanoseconds per slot, padding included. */
  slotNs: number;
  /** What several vectors at once take, in times of one. */
  of2: number;
  of4: number;
  /** What two and four vectors take to read the weight, in times of one. */
  readsOf2: number;
  readsOf4: number;
}

/**
 * How fast each way of multiplying runs, for the cost model. Only ratios between the ways of one instruction set matter;
 * absolute figures are of one core and make the estimates of `describe()` readable.
 *
 * avx2_fma: measured on one core of an AMD EPYC 9004 at about 2.75 GHz (peak 88 GFLOP/s), from rows to rows, other work
 * stopped, 512², 1024² and 300×784, 50 to 90 % zeros, M = 1 to 256, 2026-11. nr 4 likewise, 1024², 70 and 90 % zeros, M = 16
 * to 256: 48, 136 and 705 us by these rates at 90 % and M = 16, 48 and 256, 48, 136 and 729 measured. `narrow` and nr 8 likewise
 * with blocks of 2, 4 and 8 outputs, 512² and 1024², M = 4 to 64. Older, from loops inside the kernels: nr 2, `groupNs`,
 * `denseNarrow`. Windows: 512² to 1024², 50 to 90 % zeros, loops inside
 * the kernels; narrow ones there took 0.070 to 0.080 a slot, two vectors 1.75 to 1.85 and four 2.4 to 2.7 times one.
 * Tiles of one and two registers: made faster by what finding rows gained since, before and after in one run.
 * avx512: estimated, never measured. The geometric mean of what Zen 4 and a Skylake server should reach at the same 2.75 GHz:
 * avx2_fma's rate, by the cycles of the loop in `npm run estimate:avx512` instead of AVX2's, no faster than them; starts cost
 * twice as much, for blocks have half the inputs and registers twice the columns. Up to 8 columns run AVX2's kernels; their
 * slices, and windows, are 3 and 4 % off the mean, where the worst choice costs least. What either CPU would choose otherwise,
 * and what it loses: docs/decisions/0018.
 * neon: never measured. Counted from the loops, for a core that issues four instructions in a cycle of 0.385 ns, two of
 * them loads and two of them multiply-adds (peak 41.6 GFLOP/s), and takes three for a table look-up in 64 bytes. An entry
 * of a tile of v registers: v loads, v multiply-adds, a quarter of two loads that four entries share, and three
 * instructions that find its row and spread its weight.
 * scalar: entries cost the same whatever their pattern.
 */
export interface KernelRates {
  /** Floats of one register: M is rounded up to it. */
  lanes: number;
  /** Activations are turned into panels, however rarely an input is read. */
  turns: boolean;
  /** GFLOP/s of stored multiply-adds with dense weights. */
  dense: number;
  /** Unstructured weights, widest tile first. */
  tiles: readonly TileRates[];
  /** The same as slices of four outputs; undefined where the instruction set has none. */
  wideSlices?: readonly TileRates[];
  /** The same of slices, `groupNs` per block of 512 inputs; undefined where they were never measured. */
  slices?: TileRates;
  /** GFLOP/s of stored multiply-adds by the outputs that share a pattern. */
  nr: Readonly<Record<2 | 4 | 8, number>>;
  /** The same with no more columns than lanes. */
  narrow: Readonly<Record<2 | 4 | 8, number>>;
  /** Nanoseconds that starting a group of several outputs costs, per block of 256 inputs and tile. */
  groupNs: number;
  /** GFLOP/s of a dense weight with no more columns than lanes. */
  denseNarrow: number;
  windows: WindowRates;
  /** Windows half as wide; undefined where there are none. */
  narrowWindows?: WindowRates;
  /** Up to so many columns the tiles and slices are another instruction set's: choose_spmm in native/kernels/spmm. */
  few?: { columns: number; rates: StoredRates };
  /** One, two, three and four vectors that a dense weight takes at once, in times of a quarter of four. */
  densePass: readonly [number, number, number, number];
}

type StoredRates = Omit<KernelRates, 'turns'>;

const wide = { of2: 1.87, of4: 3.45, readsOf2: 1, readsOf4: 1 } as const;

const densePass: KernelRates['densePass'] = [1.65, 2.7, 3.25, 4];

const avx2Fma: StoredRates = {
  lanes: 8,
  dense: 85,
  tiles: [
    { registers: 4, rate: 67, groupNs: 8 },
    { registers: 3, rate: 64, groupNs: 7.6 },
    { registers: 2, rate: 61, groupNs: 5.7 },
    { registers: 1, rate: 41, groupNs: 4.4 },
  ],
  wideSlices: [
    { registers: 3, rate: 71, groupNs: 4.8 },
    { registers: 2, rate: 69, groupNs: 3.2 },
    { registers: 1, rate: 47, groupNs: 1.3 },
  ],
  slices: { registers: 1, rate: 53, groupNs: 2.8 },
  nr: { 2: 75, 4: 84, 8: 68 },
  narrow: { 2: 50, 4: 66, 8: 70 },
  groupNs: 8,
  denseNarrow: 73,
  windows: { slotNs: 0.085, ...wide },
  narrowWindows: { slotNs: 0.074, of2: 1.75, of4: 2.6, readsOf2: 1, readsOf4: 1 },
  densePass,
};

/** AVX2's kernels on blocks of 128 inputs. Nothing but slices of eight outputs: blocks suit AVX-512's tiles. */
const fewOfAvx512: StoredRates = {
  lanes: 8,
  dense: avx2Fma.dense,
  tiles: [{ registers: 1, rate: 33, groupNs: 8.8 }],
  slices: { registers: 1, rate: 41, groupNs: 4.5 },
  nr: avx2Fma.nr,
  narrow: { 2: 43, 4: 60, 8: 67 },
  groupNs: 16,
  denseNarrow: 68,
  windows: avx2Fma.windows,
  densePass,
};

const rates: Readonly<Record<string, StoredRates>> = {
  avx512: {
    lanes: 16,
    dense: 120,
    tiles: [
      { registers: 4, rate: 77, groupNs: 16 },
      { registers: 2, rate: 65, groupNs: 11.4 },
      { registers: 1, rate: 49.5, groupNs: 8.8 },
    ],
    slices: { registers: 1, rate: 61, groupNs: 6 },
    nr: { 2: 98, 4: 119, 8: 118 },
    narrow: { 2: 61, 4: 84, 8: 94 },
    groupNs: 16,
    denseNarrow: 96,
    windows: { slotNs: 0.0545, ...wide },
    few: { columns: 8, rates: fewOfAvx512 },
    densePass,
  },
  avx2_fma: avx2Fma,
  scalar: {
    lanes: 8,
    dense: 1,
    tiles: [{ registers: 1, rate: 1, groupNs: 0 }],
    nr: { 2: 1, 4: 1, 8: 1 },
    narrow: { 2: 1, 4: 1, 8: 1 },
    groupNs: 0,
    denseNarrow: 1,
    windows: { slotNs: 2, of2: 2, of4: 4, readsOf2: 2, readsOf4: 4 },
    densePass: [1, 2, 3, 4],
  },
  neon: {
    lanes: 4,
    dense: 39,
    tiles: [
      { registers: 8, rate: 34, groupNs: 8 },
      { registers: 4, rate: 29, groupNs: 6 },
      { registers: 2, rate: 22, groupNs: 5 },
      { registers: 1, rate: 15, groupNs: 4 },
    ],
    nr: { 2: 37, 4: 38, 8: 38 },
    narrow: { 2: 37, 4: 38, 8: 38 },
    groupNs: 8,
    denseNarrow: 38,
    windows: { slotNs: 0.35, ...wide },
    densePass,
  },
};

/** What is left of float32's rates where a storage's weights must be made floats first. */
export interface StorageRates {
  nr: Readonly<Record<1 | 2 | 4 | 8, number>>;
  slices: number;
  /** Dense weights and several columns. */
  dense: number;
  /** Dense weights and vectors. */
  denseVector: number;
  /** Windows, and narrow ones. */
  window: number;
  narrowWindow: number;
}

/**
 * Measured in caches with avx2_fma on one core of an AMD EPYC 9004: 1024², M = 8 to 64 and M = 1 to 16, the least favourable M,
 * 2026-11. Other instruction sets are taken to lose as much.
 */
export const storageRates: Readonly<Record<Storage, StorageRates>> = {
  float32: {
    nr: { 1: 1, 2: 1, 4: 1, 8: 1 },
    slices: 1,
    dense: 1,
    denseVector: 1,
    window: 1,
    narrowWindow: 1,
  },
  bfloat16: {
    nr: { 1: 0.99, 2: 0.96, 4: 0.91, 8: 0.94 },
    slices: 0.94,
    dense: 0.96,
    denseVector: 0.87,
    window: 0.82,
    narrowWindow: 1.06,
  },
  int8: {
    nr: { 1: 0.98, 2: 0.89, 4: 0.81, 8: 0.77 },
    slices: 0.93,
    dense: 0.83,
    denseVector: 0.87,
    window: 0.82,
    narrowWindow: 1.06,
  },
};

/** The rates of an instruction set; scalar's for one that is not known. */
export function kernelRates(isa: string): KernelRates {
  return { ...(rates[isa] ?? rates.scalar!), turns: true };
}

/**
 * What a session's step makes of the rates from rows to rows: its activations are columns, which unstructured tiles and slices
 * need not turn, and windows must. 1024², 70 and 90 % zeros, same core, 2026-11: slices 51.7 GFLOP/s and 3.0 ns, tiles of 1, 2 and
 * 4 registers 37.4, 60.8 and 71.9 and 3.3, 3.8 and 6.2 ns, two and four vectors in windows 1.55 to 1.69 and 2.5 to 2.75 times one.
 */
const ofColumns = { rate: 1.035, groupNs: 0.72, windows: 1.08 };

function inSession({
  tiles,
  wideSlices,
  slices,
  windows,
  narrowWindows,
  few,
  ...others
}: StoredRates): StoredRates {
  const tile = ({ registers, rate, groupNs }: TileRates): TileRates => ({
    registers,
    rate: rate * ofColumns.rate,
    groupNs: groupNs * ofColumns.groupNs,
  });
  const turned = (rates: WindowRates): WindowRates => ({
    ...rates,
    of2: rates.of2 * ofColumns.windows,
    of4: rates.of4 * ofColumns.windows,
  });
  return {
    ...others,
    tiles: tiles.map(tile),
    ...(wideSlices && { wideSlices: wideSlices.map(tile) }),
    ...(slices && { slices: tile(slices) }),
    windows: turned(windows),
    ...(narrowWindows && { narrowWindows: turned(narrowWindows) }),
    ...(few && { few: { columns: few.columns, rates: inSession(few.rates) } }),
  };
}

/** The rates of an instruction set in a session. */
export const sessionRates = (isa: string): KernelRates => ({ ...inSession(kernelRates(isa)), turns: false });

/** The rates of tiles and slices for so many columns. */
export const tileRates = (m: number, rates: KernelRates): KernelRates =>
  rates.few !== undefined && m <= rates.few.columns ? { ...rates.few.rates, turns: rates.turns } : rates;

/** Bytes of weights that the level 2 cache keeps, and the level 3 cache, of which others take a part; all of more comes from memory. */
const kept = { level2: 1e6, level3: 10e6, none: 24e6 };

/** Bytes per nanosecond of level 3 and memory. Of dense weights and M = 1, same core: 68 to 74 with 1 to 9 MB, 30 with 64 MB. */
const rateOf = { level2: 64, level3: 70, memory: 30 };

/** The part of so many bytes of weights that comes from memory at every product. */
const fromMemory = (bytes: number) =>
  Math.min(Math.max((bytes - kept.level3) / (kept.none - kept.level3), 0), 1);

/** Nanoseconds in which weights stream, by how much there is of them. 16.8 MB of dense weights, M = 1: 398 us by this, 379 measured. */
export function streamNs(bytes: number, level3 = rateOf.level3): number {
  if (bytes < kept.level2) return bytes / rateOf.level2;
  const part = fromMemory(bytes);
  return bytes * ((1 - part) / level3 + part / rateOf.memory);
}

/**
 * The part of the time to stream weights from memory that a way waits beside its computation, at every time that it reads
 * them. Several streams side by side, as the outputs of a group have them, are slower than one. Same core, 4096², 50 to 70 %
 * zeros, M = 1 to 16, 2026-11: dense 0.39 to 0.54, slices 0.6 to 1.1, groups 1.3 to 2.6.
 */
export const waits = { dense: 0.42, slices: 0.75, group: 1.8 } as const;

/** Microseconds of a product that computes so long and reads `bytes` of weights so often. */
export function productUs(computeNs: number, bytes: number, reads: number, wait: number): number {
  const waitNs = (fromMemory(bytes) * wait * bytes) / rateOf.memory;
  return Math.max(computeNs + reads * waitNs, reads * streamNs(bytes)) / 1000;
}

/** The same of windows: fitted to their times, beside their computation; above what a plain sum of as many floats reads. */
const windowLevel3 = 90;

/**
 * The same of windows, whose rates are the level 2 cache's. Where weights come from farther away, computing and reading hide
 * a part of each other, as the sides of a right angle. Narrow windows, M = 1, by this and measured: 1024², 50 % zeros 55 and 49 us,
 * 768×3072, 90 %, 44 and 49, 4096², 90 %, 427 and 464; wide ones 4096², 90 % 319 and 353, 50 % 1658 and 1651.
 */
export function windowUs(computeNs: number, bytes: number, reads: number): number {
  const readNs = reads * streamNs(bytes, windowLevel3);
  return (bytes < kept.level2 ? Math.max(computeNs, readNs) : Math.hypot(computeNs, readNs)) / 1000;
}
