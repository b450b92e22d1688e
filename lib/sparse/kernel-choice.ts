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

function vectorCandidates({ n, k, stats, storage }: Weight, rates: KernelRates): VectorCandidate[] {
  const us = (computeNs: number, total: number) => Math.max(computeNs, total / streamRate(total)) / 1000;
  const bytes = storageBytes[storage];
  const left = storageRates[storage];
  const slots = stats.windowSlots;
  return [
    { name: 'window', vector: 1, us: us(slots * rates.slotNs + n, slots * (bytes + indexBytes.slot)) },
    { name: 'dense', vector: 2, us: us((2 * n * k) / (rates.dense * left.denseVector) + n, bytes * n * k) },
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
  const rows = Math.ceil(n / 4) * 4;
  return [
    ...sparse,
    {
      name: 'dense',
      nr: 4,
      dense: true,
      us: us((rows * k) / 4, 4, rates.dense * left.dense, rows * k * bytes),
    },
  ];
}

/** Every way of multiplying a weight with `m` columns, by the cost model. */
export function estimateWays(weight: Weight, isa: string, m: number, asMatrix: boolean): Candidate[] {
  const rates = kernelRates(isa);
  return asMatrix ? matrixCandidates(weight, m, rates) : vectorCandidates(weight, rates);
}

function fastest<T extends Candidate>(candidates: readonly T[], mode: SparseMode, hasZeros: boolean): T {
  const wantDense = mode === 'never' || !hasZeros;
  const allowed = candidates.filter((c) => mode === 'auto' || (c.name === 'dense') === wantDense);
  return allowed.reduce((a, b) => (b.us < a.us ? b : a));
}

/** What a weight is packed for. */
export interface KernelChoice {
  native: NativeChoice;
  /** Name of the way for a single column; undefined where the weight was not packed for one. */
  vector?: string;
  /** Name of the way for several columns. */
  matrix?: string;
  /** Measured candidates by number of columns, where the plan was tuned. */
  measured?: ReadonlyMap<number, readonly Candidate[]>;
}

/**
 * Chooses how a weight runs, by the cost model.
 *
 * @param columns - numbers of columns (M) to plan for: 1 asks for a vector kernel, the largest other for a matrix kernel
 */
export function chooseKernels(
  weight: Weight,
  isa: string,
  columns: readonly number[],
  mode: SparseMode,
): KernelChoice {
  const rates = kernelRates(isa);
  const hasZeros = weight.stats.nonZeros < weight.n * weight.k;
  const choice: KernelChoice = {
    native: { vector: 0, nr: 0, dense: false, storage: storageNumber(weight.storage) },
  };
  if (columns.includes(1)) {
    const best = fastest(vectorCandidates(weight, rates), mode, hasZeros);
    choice.vector = best.name;
    choice.native.vector = best.vector;
  }
  const m = Math.max(...columns);
  if (m > 1) {
    const best = fastest(matrixCandidates(weight, m, rates), mode, hasZeros);
    choice.matrix = best.name;
    choice.native.nr = best.nr;
    choice.native.dense = best.dense;
  }
  return choice;
}
