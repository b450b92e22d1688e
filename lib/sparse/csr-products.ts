import type { CsrArrays, ProductHandle, WeightStats } from '../native/bindings.ts';
import { native } from '../native/load.ts';
import { type RowsWay, rowsWays } from './kernel-choice.ts';
import type { MatmulCall } from './matmul-call.ts';
import { checkStorable, type Storage } from './storage.ts';

/**
 * Rows of x that ways are looked for: a single one, a few, as many as a register has lanes, many. A matrix is packed in the ways that are fastest for these,
 * and in no other, so that it takes at most so many times its memory however many sizes a caller has.
 */
const plannedRows = [1, 4, 8, 64];

/** From so many rows on, the way is that of many rows. */
const manyRows = 32;

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
  readonly #byRows: Partial<Record<Storage, (ProductHandle | undefined)[]>> = {};

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

  /** How a product with m rows of x runs: of the planned ways, the one that is fastest for them. */
  way(m: number, storage: Storage): RowsWay {
    const weight = { n: this.#rows, k: this.#cols, stats: this.stats, storage };
    const { isa } = native().info();
    const best = (rows: number) => fastest(rowsWays(weight, isa, rows)).name;
    const planned = m < manyRows ? plannedRows.map(best) : [best(plannedRows.at(-1)!)];
    return fastest(rowsWays(weight, isa, m).filter(({ name }) => planned.includes(name)));
  }

  /** call.out = call.activation(x [m, cols] · Wᵀ + call.bias). @throws {@link SparseError} `ERR_SPARSE_STORAGE` */
  multiply(x: Float32Array, m: number, { storage, bias, activation, out, threads }: MatmulCall): void {
    const rows = Math.min(Math.max(m, 1), manyRows);
    this.#byRows[storage] ??= [];
    this.#byRows[storage][rows] ??= this.#pack(rows, storage);
    native().csrMatmul(this.#byRows[storage][rows], x, m, bias, activation, out, threads);
  }

  #pack(m: number, storage: Storage): ProductHandle {
    const { rowOffsets, colIndices, values } = this.#arrays;
    const { name, native: choice } = this.way(m, storage);
    const key = `${storage} ${name}`;
    const known = this.#packed.get(key);
    if (known !== undefined) return known;
    checkStorable('CsrMatrix.matmul', storage, values, { tensor: 'values' });
    const handle = native().csrPack(this.#rows, this.#cols, rowOffsets, colIndices, values, choice);
    this.#packed.set(key, handle);
    return handle;
  }
}
