import type { NativeChoice, WeightStats } from '../native/bindings.ts';
import { type KernelRates, kernelRates, storageRates, streamRate } from './kernel-rates.ts';
import { type Storage, storageBytes, storageNumber } from './storage.ts';

/** How a weight may run: the fastest way, sparse wherever it has a zero, or dense. */
export type SparseMode = 'auto' | 'always' | 'never';

/** One way of multiplying a weight, with the time that it takes. */
export interface Candidate {
  /** `dense`, `window`, `spmm nr 1`, … */
  name: string;
  /** Microseconds, on one thread. */
  us: number;
}

interface MatrixCandidate extends Candidate {
  nr: 1 | 2 | 4 | 8;
  dense: boolean;
}

interface VectorCandidate extends Candidate {
  vector: 1 | 2;
}

/** A weight [n outputs, k inputs] and what is known of it. */
export interface Weight {
  n: number;
  k: number;
  stats: WeightStats;
  storage: Storage;
}

/** Beside the weights: an input's place in spmm and in a window, the latter with its share of the window's advance. */
const indexBytes = { entry: 1, slot: 0.75 };

/** Most columns that ever run as vectors where a matrix kernel is there too. */
export const mostVectorColumns = 15;

/** How often a weight is read for m vectors, and the time of that as a multiple of the time for one. */
function passes(m: number, share: KernelRates['vectors']['window']): { reads: number; time: number } {
  const fours = Math.floor(m / 4);
  const twos = Math.floor((m % 4) / 2);
  const ones = m % 2;
  return {
    reads: fours * share.readsOf4 + twos + ones,
    time: fours * share.of4 + twos * share.of2 + ones,
  };
}

function vectorCandidates(
  { n, k, stats, storage }: Weight,
  m: number,
  rates: KernelRates,
): VectorCandidate[] {
  const bytes = storageBytes[storage];
  const left = storageRates[storage];
  const us = (computeNs: number, total: number, share: KernelRates['vectors']['window']) => {
    const { reads, time } = passes(m, share);
    return Math.max(computeNs * time + n * m, (reads * total) / streamRate(total)) / 1000;
  };
  const slots = stats.windowSlots;
  const { window, dense } = rates.vectors;
  return [
    { name: 'window', vector: 1, us: us(slots * rates.slotNs, slots * (bytes + indexBytes.slot), window) },
    {
      name: 'dense',
      vector: 2,
      us: us((2 * n * k) / (rates.dense * left.denseVector), bytes * n * k, dense),
    },
  ];
}

function matrixCandidates(
  { n, k, stats, storage }: Weight,
  m: number,
  rates: KernelRates,
): MatrixCandidate[] {
  const columns = Math.ceil(m / rates.lanes) * rates.lanes;
  const blocks = Math.ceil(k / 256);
  const tiles = Math.ceil(columns / (4 * rates.lanes));
  const bytes = storageBytes[storage];
  const us = (entries: number, nr: number, rate: number, total: number) => {
    const compute = (2 * entries * nr * columns) / rate + (n / nr) * blocks * tiles * rates.groupNs;
    return Math.max(compute, total / streamRate(total)) / 1000;
  };
  const left = storageRates[storage];
  const entries = { 1: stats.nonZeros, 2: stats.entries2, 4: stats.entries4, 8: stats.entries8 };
  const sparse = ([1, 2, 4, 8] as const).map(
    (nr): MatrixCandidate => ({
      name: `spmm nr ${nr}`,
      nr,
      dense: false,
      us: us(entries[nr], nr, rates.nr[nr] * left.nr[nr], entries[nr] * (indexBytes.entry + bytes * nr)),
    }),
  );
  // A single register of columns leaves room for more outputs.
  const narrow = columns === rates.lanes;
  const nr = narrow ? 8 : 4;
  const rows = Math.ceil(n / nr) * nr;
  const rate = (narrow ? rates.denseNarrow : rates.dense) * left.dense;
  return [...sparse, { name: 'dense', nr, dense: true, us: us((rows * k) / nr, nr, rate, rows * k * bytes) }];
}

/** Every way of multiplying a weight with `m` columns, by the cost model. */
export function estimateWays(weight: Weight, isa: string, m: number, asMatrix: boolean): Candidate[] {
  const rates = kernelRates(isa);
  return asMatrix ? matrixCandidates(weight, m, rates) : vectorCandidates(weight, m, rates);
}

function fastest<T extends Candidate>(candidates: readonly T[], mode: SparseMode, hasZeros: boolean): T {
  const wantDense = mode === 'never' || !hasZeros;
  const allowed = candidates.filter((c) => mode === 'auto' || (c.name === 'dense') === wantDense);
  return allowed.reduce((a, b) => (b.us < a.us ? b : a));
}

/** What a weight is packed for. */
export interface KernelChoice {
  native: NativeChoice;
  /** Name of the way for a single column, and up to `native.vectorColumns`; undefined where the weight was not packed so. */
  vector?: string;
  /** Name of the way for more columns. */
  matrix?: string;
  /** Measured candidates by number of columns, where the plan was tuned. */
  measured?: ReadonlyMap<number, readonly Candidate[]>;
}

/** Up to how many columns a vector kernel beats a matrix kernel; at least 1. */
export function vectorColumnsOf(vectorUs: (m: number) => number, matrixUs: (m: number) => number): number {
  let columns = 1;
  while (columns < mostVectorColumns && vectorUs(columns + 1) <= matrixUs(columns + 1)) columns++;
  return columns;
}

/**
 * Chooses how a weight runs, by the cost model.
 *
 * @param columns - numbers of columns (M) to plan for: the fewest choose the vector kernel, where there are not too many;
 *   the most the matrix kernel, where there is more than one
 * @param vectors - a vector kernel may be used; a convolution has none
 */
export function chooseKernels(
  weight: Weight,
  isa: string,
  columns: readonly number[],
  mode: SparseMode,
  vectors = true,
): KernelChoice {
  const rates = kernelRates(isa);
  const hasZeros = weight.stats.nonZeros < weight.n * weight.k;
  const storage = storageNumber(weight.storage);
  const choice: KernelChoice = { native: { vector: 0, vectorColumns: 1, nr: 0, dense: false, storage } };
  const [least, most] = [Math.min(...columns), Math.max(...columns)];
  const matrix = most > 1 && fastest(matrixCandidates(weight, most, rates), mode, hasZeros);
  const vector =
    vectors && least <= mostVectorColumns && fastest(vectorCandidates(weight, least, rates), mode, hasZeros);
  if (matrix) {
    choice.matrix = matrix.name;
    choice.native.nr = matrix.nr;
    choice.native.dense = matrix.dense;
  }
  if (!vector) return choice;
  const usOf = (ways: readonly Candidate[], name: string) => ways.find((way) => way.name === name)!.us;
  const vectorColumns = matrix
    ? vectorColumnsOf(
        (m) => usOf(vectorCandidates(weight, m, rates), vector.name),
        (m) => usOf(matrixCandidates(weight, m, rates), matrix.name),
      )
    : 1;
  if (least > vectorColumns) return choice;
  choice.vector = vector.name;
  choice.native.vector = vector.vector;
  choice.native.vectorColumns = vectorColumns;
  return choice;
}
