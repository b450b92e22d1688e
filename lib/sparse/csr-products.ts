import type { CsrArrays, ProductHandle, WeightStats } from '../native/bindings.ts';
import { native } from '../native/load.ts';
import { type Candidate, type RowsWay, rowsWays } from './kernel-choice.ts';
import { kernelRates } from './kernel-rates.ts';
import type { MatmulCall } from './matmul-call.ts';
import { checkStorable, type Storage } from './storage.ts';

/**
 * Rows of x that ways are looked for: a single one, a few, as many as slices take, many. A matrix is packed in the ways
 * that are fastest for these, and in no other, so that it takes at most so many times its memory however many sizes a
 * caller has.
 */
const plannedRows = [1, 4, 8, 64];

/** From so many rows on, the way is that of many rows. */
const manyRows = 32;

/** Microseconds that a second call of the addon takes. */
const callUs = 2;

/**
 * Most weights that run in two ways in one product: both packings of more push each other out of the caches. Gain over one way
 * at M = 9: 1.14 to 1.3 with 0.03 to 0.7 M weights, 1.12 with 0.8 and 0.9 M, 0.87 to 1.04 with 1.3 to 5 M (avx2_fma, EPYC 9004,
 * 2026-11). At M = 10 0.77 to 1.17: never split.
 */
const mostSplit = 1e6;

/** Rows of x and the way in which they are multiplied. */
interface Part<T> {
  rows: number;
  way: T;
}

const fastest = (ways: readonly RowsWay[]) => ways.reduce((a, b) => (b.us < a.us ? b : a));

/** The ways in which one matrix is multiplied, packed when a product first takes them. */
export class CsrProducts {
  readonly #rows: number;
  readonly #cols: number;
  readonly #arrays: CsrArrays;
  #stats: WeightStats | undefined;
  /** By storage and name of the way. */
  readonly #packed = new Map<string, ProductHandle>();
  /** By storage; by rows of x, all of `manyRows` and more as one. */
  readonly #byRows: Partial<Record<Storage, (readonly Part<ProductHandle>[] | undefined)[]>> = {};

  /** @param arrays - well formed, and nobody writes into them */
  constructor(rows: number, cols: number, arrays: CsrArrays) {
    this.#rows = rows;
    this.#cols = cols;
    this.#arrays = arrays;
  }

  /** What the cost model knows of the matrix. */
  get stats(): WeightStats {
    const { rowOffsets, colIndices, values } = this.#arrays;
    this.#stats ??= native().csrStats(this.#rows, this.#cols, rowOffsets, colIndices, values);
    return this.#stats;
  }

  /** Storage and name of each way that is packed by now. */
  get packed(): string[] {
    return [...this.#packed.keys()];
  }

  /** How a product with m rows of x runs: in the planned way that is fastest for them, or two that are faster together. */
  way(m: number, storage: Storage): Candidate {
    const ways = this.#parts(m, storage).map(({ way }) => way);
    return {
      name: ways.map(({ name }) => name).join(' and '),
      us: ways.reduce((us, way) => us + way.us, (ways.length - 1) * callUs),
    };
  }

  /** call.out = call.activation(x [m, cols] · Wᵀ + call.bias). @throws {@link SparseError} `ERR_SPARSE_STORAGE` */
  multiply(x: Float32Array, m: number, { storage, bias, activation, out, threads }: MatmulCall): void {
    const sized = Math.min(Math.max(m, 1), manyRows);
    this.#byRows[storage] ??= [];
    this.#byRows[storage][sized] ??= this.#parts(sized, storage).map(({ rows, way }) => ({
      rows,
      way: this.#pack(way, storage),
    }));
    const parts = this.#byRows[storage][sized];
    if (parts.length === 1) {
      native().csrMatmul(parts[0]!.way, x, m, bias, activation, out, threads);
      return;
    }
    let first = 0;
    for (const { rows, way } of parts) {
      const someX = x.subarray(first * this.#cols, (first + rows) * this.#cols);
      const someOut = out.subarray(first * this.#rows, (first + rows) * this.#rows);
      native().csrMatmul(way, someX, rows, bias, activation, someOut, threads);
      first += rows;
    }
  }

  #fastest(m: number, storage: Storage): RowsWay {
    const weight = { n: this.#rows, k: this.#cols, stats: this.stats, storage };
    const { isa } = native().info();
    const best = (rows: number) => fastest(rowsWays(weight, isa, rows)).name;
    const planned = m < manyRows ? plannedRows.map(best) : [best(plannedRows.at(-1)!)];
    return fastest(rowsWays(weight, isa, m).filter(({ name }) => planned.includes(name)));
  }

  /** One row more than a register has lanes costs as much as twice the lanes: it runs by itself where that is faster. */
  #parts(m: number, storage: Storage): Part<RowsWay>[] {
    const whole = [{ rows: m, way: this.#fastest(m, storage) }];
    const { lanes } = kernelRates(native().info().isa);
    if (m !== lanes + 1 || this.stats.nonZeros > mostSplit) return whole;
    const parts = [lanes, m - lanes].map((rows) => ({ rows, way: this.#fastest(rows, storage) }));
    const us = parts.reduce((sum, { way }) => sum + way.us, callUs);
    return us < whole[0]!.way.us ? parts : whole;
  }

  #pack({ name, native: choice }: RowsWay, storage: Storage): ProductHandle {
    const { rowOffsets, colIndices, values } = this.#arrays;
    const key = `${storage} ${name}`;
    const known = this.#packed.get(key);
    if (known !== undefined) return known;
    checkStorable('CsrMatrix.matmul', storage, values, { tensor: 'values' });
    const handle = native().csrPack(this.#rows, this.#cols, rowOffsets, colIndices, values, choice);
    this.#packed.set(key, handle);
    return handle;
  }
}
