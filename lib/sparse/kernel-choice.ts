import type { NativeChoice, WeightStats } from '../native/bindings.ts';
import {
  type KernelRates,
  kernelRates,
  productUs,
  sessionRates,
  storageRates,
  type TileRates,
  tileRates,
  type WindowRates,
  waits,
  windowUs,
} from './kernel-rates.ts';
import { type Storage, storageBytes, storageNumber } from './storage.ts';

/** How a weight may run: the fastest way, sparse wherever it has a zero, or dense. */
export type SparseMode = 'auto' | 'always' | 'never';

/** One way of multiplying a weight, with the time that it takes. */
export interface Candidate {
  /** `dense`, `window`, `narrow window`, `spmm nr 1`, … */
  name: string;
  /** Microseconds, on one thread. */
  us: number;
}

interface MatrixCandidate extends Candidate {
  nr: 1 | 2 | 4 | 8;
  dense: boolean;
}

interface VectorCandidate extends Candidate {
  vector: 1 | 2 | 3;
}

/** A weight [n outputs, k inputs] and what is known of it. */
export interface Weight {
  n: number;
  k: number;
  stats: WeightStats;
  storage: Storage;
  /** Activations are copied into panels however rarely an input is read, as a convolution's are. Default false. */
  copied?: boolean;
}

/** Beside the weights: an input's place in spmm and in a window, the latter with its share of the window's advance; in a slice. */
const indexBytes = { entry: 1, slot: 0.75, slice: 2 };

/** Nanoseconds that a result of a vector kernel costs beside its sum. */
const outputNs = 0.25;

/** Most columns that ever run as vectors where a matrix kernel is there too. */
export const mostVectorColumns = 15;

interface Passes {
  /** How often the weight is read. */
  reads: number;
  /** The time as a multiple of the time for one vector. */
  time: number;
}

function windowPasses(m: number, share: WindowRates): Passes {
  const fours = Math.floor(m / 4);
  const twos = Math.floor((m % 4) / 2);
  const ones = m % 2;
  return {
    reads: fours * share.readsOf4 + twos * share.readsOf2 + ones,
    time: fours * share.of4 + twos * share.of2 + ones,
  };
}

/** A dense weight takes up to four vectors at once, in passes that are as few and as equal as can be, and is read once for all. */
function densePasses(m: number, { densePass }: KernelRates): Passes {
  const count = Math.ceil(m / densePass.length);
  const larger = m % count || count;
  const vectors = Math.ceil(m / count);
  const time = larger * densePass[vectors - 1]! + (count - larger) * (densePass[vectors - 2] ?? 0);
  return { reads: 1, time };
}

function vectorCandidates(
  { n, k, stats, storage }: Weight,
  m: number,
  rates: KernelRates,
): VectorCandidate[] {
  const bytes = storageBytes[storage];
  const left = storageRates[storage];
  const resultsNs = outputNs * n * m;
  const windows = (name: string, vector: 1 | 3, slots: number, of: WindowRates, kept: number) => {
    const { reads, time } = windowPasses(m, of);
    const computeNs = ((slots * of.slotNs) / kept) * time + resultsNs;
    return { name, vector, us: windowUs(computeNs, slots * (bytes + indexBytes.slot), reads) };
  };
  const { windows: wide, narrowWindows: narrow } = rates;
  const { reads, time } = densePasses(m, rates);
  const denseNs = ((2 * n * k) / (rates.dense * left.denseVector)) * time + resultsNs;
  return [
    windows('window', 1, stats.windowSlots, wide, left.window),
    ...(narrow ? [windows('narrow window', 3, stats.narrowSlots, narrow, left.narrowWindow)] : []),
    { name: 'dense', vector: 2, us: productUs(denseNs, bytes * n * k, reads, waits.dense) },
  ];
}

/** Tiles of an unstructured weight, as native/kernels/spmm has them. */
interface Tiles {
  lanes: number;
  /** Widest first. */
  tiles: readonly TileRates[];
  /** Slices: two narrower tiles in place of the widest and one of a single register. */
  slices: boolean;
}

/** Nanoseconds of an unstructured weight, one tile after the other, the widest that fits first. */
function unstructuredNs(
  entries: number,
  starts: number,
  columns: number,
  { lanes, tiles, slices }: Tiles,
): number {
  let ns = 0;
  for (let left = columns / lanes; left > 0; ) {
    const leavesOne = (registers: number) => slices && registers > 2 && left === registers + 1;
    const { registers, rate, groupNs } = tiles.find((t) => t.registers <= left && !leavesOne(t.registers))!;
    ns += (2 * entries * registers * lanes) / rate + starts * groupNs;
    left -= registers;
  }
  return ns;
}

/** Reads of an input from which on a session copies activations into panels, which slices need, as native/session has it. */
const panelReads = 8;

/** An unstructured weight with many columns: slices of four outputs where there are such, else one output by itself. */
function unstructured(
  { n, k, stats, storage, copied = false }: Weight,
  columns: number,
  rates: KernelRates,
): MatrixCandidate {
  const panels = copied || rates.turns || stats.nonZeros >= panelReads * k;
  const slices = panels && rates.wideSlices !== undefined;
  const tiles = { lanes: rates.lanes, tiles: slices ? rates.wideSlices! : rates.tiles, slices };
  const starts = n * Math.ceil(k / 256);
  const computeNs = unstructuredNs(stats.nonZeros / storageRates[storage].nr[1], starts, columns, tiles);
  const reads = Math.ceil(columns / (tiles.tiles[0]!.registers * rates.lanes));
  const bytes = stats.nonZeros * (storageBytes[storage] + (slices ? indexBytes.slice : indexBytes.entry));
  const us = productUs(computeNs, bytes, reads, slices ? waits.slices : waits.group);
  return { name: 'spmm nr 1', nr: 1, dense: false, us };
}

function matrixCandidates(weight: Weight, m: number, allRates: KernelRates): MatrixCandidate[] {
  const rates = tileRates(m, allRates);
  const { n, k, stats, storage } = weight;
  const columns = Math.ceil(m / rates.lanes) * rates.lanes;
  const blocks = Math.ceil(k / 256);
  const tiles = Math.ceil(columns / (4 * rates.lanes));
  const narrow = columns === rates.lanes;
  const bytes = storageBytes[storage];
  const left = storageRates[storage];
  const us = (computeNs: number, total: number) => productUs(computeNs, total, tiles, waits.group);
  const groupsNs = (entries: number, nr: number, rate: number) =>
    (2 * entries * nr * columns) / rate + (n / nr) * blocks * tiles * rates.groupNs;
  const entries = { 2: stats.entries2, 4: stats.entries4, 8: stats.entries8 };
  const several = ([2, 4, 8] as const).map(
    (nr): MatrixCandidate => ({
      name: `spmm nr ${nr}`,
      nr,
      dense: false,
      us: us(
        groupsNs(entries[nr], nr, (narrow ? rates.narrow : rates.nr)[nr] * left.nr[nr]),
        entries[nr] * (indexBytes.entry + bytes * nr),
      ),
    }),
  );
  // A single register of columns leaves room for more outputs.
  const nr = narrow ? 8 : 4;
  const rows = Math.ceil(n / nr) * nr;
  const rate = (narrow ? rates.denseNarrow : rates.dense) * left.dense;
  const denseNs = groupsNs((rows * k) / nr, nr, rate);
  // Several tiles of columns share what is read of a dense weight.
  const denseUs = productUs(denseNs, rows * k * bytes, 1, narrow ? waits.group : waits.dense);
  return [unstructured(weight, columns, rates), ...several, { name: 'dense', nr, dense: true, us: denseUs }];
}

/** Inputs of a block of slices, as native/kernels/spmm has it. */
const sliceInputs = 512;

/** Whether slices are looked at for so many columns where they are not packed anyway: no more than a register has. */
export const suitsSlices = (m: number, rates: KernelRates) =>
  rates.slices !== undefined && m > 1 && m <= rates.lanes;

/** Eight outputs side by side, each with a pattern of its own. */
function sliceCandidates({ n, k, stats, storage }: Weight, m: number, allRates: KernelRates): Candidate[] {
  const rates = tileRates(m, allRates);
  if (rates.slices === undefined) return [];
  const tiles = Math.ceil(m / rates.lanes);
  const starts = n * Math.ceil(k / sliceInputs);
  const computeNs = unstructuredNs(
    stats.nonZeros / storageRates[storage].slices,
    starts,
    tiles * rates.lanes,
    {
      lanes: rates.lanes,
      tiles: [rates.slices],
      slices: true,
    },
  );
  const bytes = stats.nonZeros * (indexBytes.slice + storageBytes[storage]);
  return [{ name: 'slices', us: productUs(computeNs, bytes, tiles, waits.slices) }];
}

/**
 * The ways of multiplying a weight with `m` columns in a session, by the cost model: as vectors, or as a matrix.
 *
 * @param chosen - name of a way that is among them whatever `m`
 */
export function estimateWays(
  weight: Weight,
  isa: string,
  m: number,
  asMatrix: boolean,
  chosen?: string,
): Candidate[] {
  const rates = sessionRates(isa);
  if (!asMatrix) return vectorCandidates(weight, m, rates);
  const slices = sliceCandidates(weight, m, rates).filter(
    ({ name }) => suitsSlices(m, rates) || name === chosen,
  );
  return [...matrixCandidates(weight, m, rates), ...slices];
}

function allowed<T extends Candidate>(candidates: readonly T[], mode: SparseMode, hasZeros: boolean): T[] {
  const wantDense = mode === 'never' || !hasZeros;
  return candidates.filter((c) => mode === 'auto' || (c.name === 'dense') === wantDense);
}

/** What a weight is packed for. */
export interface KernelChoice {
  native: NativeChoice;
  /** Name of the way for a single column, and up to `native.vectorColumns`; undefined where the weight was not packed so. */
  vector?: string;
  /** Slices for up to `native.sliceColumns` columns. */
  slices?: 'slices';
  /** Name of the way for more columns; undefined where nothing else is there for them. */
  matrix?: string;
  /** Measured candidates by number of columns, where the plan was tuned. */
  measured?: ReadonlyMap<number, readonly Candidate[]>;
}

/** How a packed weight runs with m columns: the name of the way, and whether the columns are vectors. */
export function wayOf({ native: packed, vector, slices, matrix }: KernelChoice, m: number) {
  const columns =
    slices !== undefined && (matrix === undefined || m <= packed.sliceColumns) ? slices : matrix;
  const asMatrix = vector === undefined || (columns !== undefined && m > packed.vectorColumns);
  return { asMatrix, name: (asMatrix ? columns : vector)! };
}

/** Up to how many columns a vector kernel beats a matrix kernel; at least 1. */
function vectorColumnsOf(vectorUs: (m: number) => number, matrixUs: (m: number) => number): number {
  let columns = 1;
  while (columns < mostVectorColumns && vectorUs(columns + 1) <= matrixUs(columns + 1)) columns++;
  return columns;
}

/** No kernel yet. */
const nothing = { vector: 0, vectorColumns: 1, sliceColumns: 0, nr: 0, dense: false } as const;

const byTime = (a: Candidate, b: Candidate) => a.us - b.us;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const never = Number.POSITIVE_INFINITY;
const least = (ways: readonly Candidate[]) => Math.min(...ways.map(({ us }) => us));

/** Where a product is used. */
export interface ChoiceOptions {
  /** A vector kernel may be used; a convolution has none. Default true. */
  vectors?: boolean;
}

/**
 * Chooses how a weight runs in a session, by the cost model.
 *
 * @param columns - numbers of columns (M) to plan for: the most choose slices or the matrix kernel, where there is more than
 *   one; slices come beside the latter where they are the fastest for some; those that vectors may run choose the vector
 *   kernel that is slower than the best way by the least share on average
 */
export function chooseKernels(
  weight: Weight,
  isa: string,
  columns: readonly number[],
  mode: SparseMode,
  { vectors = true }: ChoiceOptions = {},
): KernelChoice {
  const rates = sessionRates(isa);
  const hasZeros = weight.stats.nonZeros < weight.n * weight.k;
  const storage = storageNumber(weight.storage);
  const choice: KernelChoice = { native: { ...nothing, storage } };
  const most = Math.max(...columns);
  const matrices = (m: number) => allowed(matrixCandidates(weight, m, rates), mode, hasZeros);
  const ofVectors = (m: number) => allowed(vectorCandidates(weight, m, rates), mode, hasZeros);
  const few = columns.filter((m) => m <= Math.max(mostVectorColumns, rates.lanes));
  const usOf = (ways: readonly Candidate[], name: string) => ways.find((way) => way.name === name)!.us;
  const slicesUs = (m: number) =>
    suitsSlices(m, rates) ? least(allowed(sliceCandidates(weight, m, rates), mode, hasZeros)) : never;
  const best = most > 1 ? matrices(most).sort(byTime)[0]! : undefined;
  const matrix = best && slicesUs(most) < best.us ? undefined : best;
  if (matrix) {
    choice.matrix = matrix.name;
    choice.native.nr = matrix.nr;
    choice.native.dense = matrix.dense;
  }
  const wideUs = (m: number) => (matrix && m > 1 ? usOf(matrices(m), matrix.name) : never);
  const asVectors = (m: number) => (vectors && m <= mostVectorColumns ? ofVectors(m) : []);
  if (best !== matrix || few.some((m) => slicesUs(m) < Math.min(wideUs(m), least(asVectors(m))))) {
    choice.slices = 'slices';
    choice.native.sliceColumns = rates.lanes;
  }
  const matrixUs = (m: number) => {
    if (!choice.slices || m === 1 || (matrix && m > rates.lanes)) return wideUs(m);
    return least(sliceCandidates(weight, m, rates));
  };
  if (!vectors || !few.some((m) => m <= mostVectorColumns)) return choice;
  const bestUs = new Map(few.map((m) => [m, Math.min(matrixUs(m), least(asVectors(m)))]));
  const shares = ofVectors(1).map(({ name, vector }) => {
    const vectorUs = (m: number) => usOf(ofVectors(m), name);
    const vectorColumns = best ? vectorColumnsOf(vectorUs, matrixUs) : 1;
    const us = sum(few.map((m) => (m <= vectorColumns ? vectorUs(m) : matrixUs(m)) / bestUs.get(m)!));
    return { name, vector, vectorColumns, us };
  });
  const vector = shares.sort(byTime)[0]!;
  if (best && Math.min(...few) > vector.vectorColumns) return choice;
  choice.vector = vector.name;
  choice.native.vector = vector.vector;
  choice.native.vectorColumns = vector.vectorColumns;
  return choice;
}

/** One way of multiplying row-major activations. */
export interface RowsWay extends Candidate {
  native: NativeChoice;
}

/**
 * Every way of multiplying `m` row-major rows of x, by the cost model. Every weight of a dense matrix is used for every row:
 * rows stay rows there, however many they are.
 */
export function rowsWays(weight: Weight, isa: string, m: number): RowsWay[] {
  const rates = kernelRates(isa);
  const storage = storageNumber(weight.storage);
  const vectors = vectorCandidates(weight, m, rates).filter(
    ({ name }) => name === 'dense' || m <= mostVectorColumns,
  );
  const matrices = m === 1 ? [] : matrixCandidates(weight, m, rates).filter(({ dense }) => !dense);
  return [
    ...vectors.map(({ name, us, vector }) => ({ name, us, native: { ...nothing, vector, storage } })),
    ...matrices.map(({ name, us, nr }) => ({ name, us, native: { ...nothing, nr, storage } })),
    ...(suitsSlices(m, rates) ? sliceCandidates(weight, m, rates) : []).map((way) => ({
      ...way,
      native: { ...nothing, sliceColumns: rates.lanes, storage },
    })),
  ];
}
