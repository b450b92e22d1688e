import type { NativeChoice, WeightStats } from '../native/bindings.ts';
import { type KernelRates, kernelRates, streamRate } from './kernel-rates.ts';

/** How a weight may run: the fastest way, sparse wherever it has a zero, or dense. */
export type SparseMode = 'auto' | 'always' | 'never';

/** One way of multiplying a weight, with the time that it would take. */
export interface Candidate {
  /** `dense`, `spmm nr 4`, `window`. */
  name: string;
  estimateUs: number;
}

/** The way that was chosen for one number of columns, and the others. */
export interface Choice extends Candidate {
  others: Candidate[];
}

interface MatrixCandidate extends Candidate {
  nr: 1 | 2 | 4 | 8;
  dense: boolean;
}

interface VectorCandidate extends Candidate {
  vector: 1 | 2;
}

const bytesPerEntry = 5;
const bytesPerSlot = 4.75;

function vectorCandidates(n: number, k: number, stats: WeightStats, rates: KernelRates): VectorCandidate[] {
  const us = (computeNs: number, bytes: number) => Math.max(computeNs, bytes / streamRate(bytes)) / 1000;
  return [
    {
      name: 'window',
      vector: 1,
      estimateUs: us(stats.windowSlots * rates.slotNs + n, stats.windowSlots * bytesPerSlot),
    },
    { name: 'dense', vector: 2, estimateUs: us((2 * n * k) / rates.dense + n, 4 * n * k) },
  ];
}

function matrixCandidates(
  m: number,
  n: number,
  k: number,
  stats: WeightStats,
  rates: KernelRates,
): MatrixCandidate[] {
  const columns = Math.ceil(m / rates.lanes) * rates.lanes;
  const blocks = Math.ceil(k / 256);
  const tiles = Math.ceil(columns / (4 * rates.lanes));
  const us = (entries: number, nr: number, rate: number, bytes: number) => {
    const compute = (2 * entries * nr * columns) / rate + (n / nr) * blocks * tiles * rates.groupNs;
    return Math.max(compute, (entries * (bytes - 4 + 4 * nr)) / streamRate(entries * bytes)) / 1000;
  };
  const entries = { 1: stats.nonZeros, 2: stats.entries2, 4: stats.entries4, 8: stats.entries8 };
  const sparse = ([1, 2, 4, 8] as const).map(
    (nr): MatrixCandidate => ({
      name: `spmm nr ${nr}`,
      nr,
      dense: false,
      estimateUs: us(entries[nr], nr, rates.nr[nr], bytesPerEntry),
    }),
  );
  const dense: MatrixCandidate = {
    name: 'dense',
    nr: 4,
    dense: true,
    estimateUs: us((Math.ceil(n / 4) * 4 * k) / 4, 4, rates.dense, 4),
  };
  return [...sparse, dense];
}

function fastest<T extends Candidate>(
  candidates: readonly T[],
  mode: SparseMode,
  hasZeros: boolean,
): T & Choice {
  const isDense = (candidate: T) => candidate.name === 'dense';
  const allowed = candidates.filter((c) => mode === 'auto' || isDense(c) === (mode === 'never' || !hasZeros));
  const best = allowed.reduce((a, b) => (b.estimateUs < a.estimateUs ? b : a));
  return { ...best, others: candidates.filter((c) => c !== best) };
}

/** What to pack a weight for, and why. */
export interface KernelChoice {
  native: NativeChoice;
  /** For a single column; undefined where the weight never meets one. */
  vector?: Choice;
  /** For `m` columns. */
  matrix?: Choice;
}

/**
 * Chooses how a weight [n outputs, k inputs] runs, by the cost model.
 *
 * @param columns - numbers of columns (M) to plan for: 1 asks for a vector kernel, the largest other for a matrix kernel
 */
export function chooseKernels(
  n: number,
  k: number,
  stats: WeightStats,
  isa: string,
  columns: readonly number[],
  mode: SparseMode,
): KernelChoice {
  const rates = kernelRates(isa);
  const hasZeros = stats.nonZeros < n * k;
  const choice: KernelChoice = { native: { vector: 0, nr: 0, dense: false } };
  if (columns.includes(1)) {
    const vector = fastest(vectorCandidates(n, k, stats, rates), mode, hasZeros);
    choice.vector = vector;
    choice.native.vector = vector.vector;
  }
  const m = Math.max(...columns);
  if (m > 1) {
    const matrix = fastest(matrixCandidates(m, n, k, stats, rates), mode, hasZeros);
    choice.matrix = matrix;
    choice.native.nr = matrix.nr;
    choice.native.dense = matrix.dense;
  }
  return choice;
}
