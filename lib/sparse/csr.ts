import { SparseError } from '../errors.ts';
import type { CsrArrays } from '../native/bindings.ts';
import {
  checkArray,
  checkFloat32Array,
  checkInteger,
  checkOptions,
  describeType,
  maxLength,
} from '../native/check.ts';
import { native } from '../native/load.ts';
import { CsrProducts } from './csr-products.ts';
import { type MatmulOptions, readMatmulCall } from './matmul-call.ts';
import { readThreads } from './threads.ts';

/** The three arrays of a CSR matrix and its size. */
export interface CsrPartsInput extends CsrArrays {
  /** Number of rows, at least 0: the outputs. */
  rows: number;
  /** Number of columns, at least 0: the inputs. */
  cols: number;
}

/** Options of making a CSR matrix from a dense one. */
export interface FromDenseOptions {
  /** Entries with |value| <= tolerance are dropped; default 0. NaN is kept. */
  tolerance?: number;
  /** Threads of the conversion; default 1. */
  threads?: number;
}

function readTolerance(what: string, options: FromDenseOptions | undefined): number {
  checkOptions(what, options, ['tolerance', 'threads']);
  const tolerance = options?.tolerance ?? 0;
  if (typeof tolerance === 'number' && tolerance >= 0) return tolerance;
  throw new SparseError(
    'ERR_SPARSE_OPTION',
    `${what}: tolerance is ${tolerance}, expected a number of at least 0.`,
    {
      tensor: 'tolerance',
      expected: 'a number >= 0',
      received: tolerance,
    },
  );
}

/** rows · cols, both checked. */
function checkSize(what: string, names: [string, string], rows: unknown, cols: unknown): number {
  const size =
    checkInteger(what, names[0], rows, 0, maxLength - 1) *
    checkInteger(what, names[1], cols, 0, maxLength - 1);
  if (size <= maxLength) return size;
  throw new SparseError(
    'ERR_SPARSE_SHAPE',
    `${what}: ${names[0]} · ${names[1]} is ${size}, expected at most ${maxLength} elements.`,
    { expected: maxLength, received: size },
  );
}

function fromDense(
  what: string,
  values: Float32Array,
  size: { rows: number; cols: number; names: [string, string]; transposed: boolean },
  options: FromDenseOptions | undefined,
): CsrMatrix {
  const { rows, cols, names, transposed } = size;
  const length = checkSize(what, names, transposed ? cols : rows, transposed ? rows : cols);
  checkFloat32Array(what, transposed ? 'kernel' : 'values', values, length);
  const tolerance = readTolerance(what, options);
  const threads = readThreads(what, options?.threads);
  const parts = native().csrFromDense(values, rows, cols, transposed, tolerance, threads);
  return new CsrMatrix(rows, cols, parts, own);
}

/** Set by the class, whose private field nobody else can read. */
let reach: (matrix: CsrMatrix) => CsrProducts;

/** How a matrix multiplies, for those inside this package who describe it. */
export const productsOf = (matrix: CsrMatrix): CsrProducts => reach(matrix);

/** Only this file can make a matrix, from arrays that nobody else holds and that are well formed. */
const own = Symbol('own arrays');

/**
 * Compressed sparse rows, float32. A row is an output: y = x · Wᵀ.
 *
 * Immutable: the matrix owns its arrays. The typed arrays that it shows are copies, made at the first look and the same at
 * every later one, so that reading them in a loop costs nothing; writing into them changes the copy and not the matrix.
 */
export class CsrMatrix {
  /** Outputs. */
  readonly rows: number;
  /** Inputs. */
  readonly cols: number;
  readonly #parts: CsrArrays;
  #shown: CsrArrays | undefined;
  /** Ways of multiplying, packed by the products that take them. */
  readonly #products: CsrProducts;

  static {
    reach = (matrix) => matrix.#products;
  }

  /** @internal Use {@link CsrMatrix.fromDense}, {@link CsrMatrix.fromDenseKernel} or {@link CsrMatrix.fromParts}. */
  constructor(rows: number, cols: number, parts: CsrArrays, token: symbol) {
    if (token !== own) {
      throw new SparseError(
        'ERR_SPARSE_ARGUMENT',
        'CsrMatrix: the constructor is private. Use CsrMatrix.fromDense, fromDenseKernel or fromParts.',
      );
    }
    this.rows = rows;
    this.cols = cols;
    this.#parts = parts;
    this.#products = new CsrProducts(rows, cols, parts);
  }

  /**
   * From a dense matrix [rows, cols], row-major.
   *
   * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`, `ERR_SPARSE_BUFFER`, `ERR_SPARSE_OPTION`
   */
  static fromDense(values: Float32Array, rows: number, cols: number, options?: FromDenseOptions): CsrMatrix {
    const size = { rows, cols, names: ['rows', 'cols'] as [string, string], transposed: false };
    return fromDense('CsrMatrix.fromDense', values, size, options);
  }

  /**
   * From a TF.js Dense kernel [inputs, outputs]: rows = outputs, cols = inputs.
   *
   * @throws {@link SparseError} as {@link CsrMatrix.fromDense}
   */
  static fromDenseKernel(
    kernel: Float32Array,
    inputs: number,
    outputs: number,
    options?: FromDenseOptions,
  ): CsrMatrix {
    const names: [string, string] = ['inputs', 'outputs'];
    const size = { rows: outputs, cols: inputs, names, transposed: true };
    return fromDense('CsrMatrix.fromDenseKernel', kernel, size, options);
  }

  /**
   * From the three arrays, which are checked once and copied. A stored zero stays stored.
   *
   * @param parts.rowOffsets - rows + 1 of them, from 0, never falling, the last one the number of values
   * @param parts.colIndices - rising within a row, in [0, cols)
   * @throws {@link SparseError} `ERR_SPARSE_CSR` with the position of the first fault
   */
  static fromParts(parts: CsrPartsInput): CsrMatrix {
    const what = 'CsrMatrix.fromParts';
    if (typeof parts !== 'object' || parts === null) {
      const received = describeType(parts);
      throw new SparseError(
        'ERR_SPARSE_ARGUMENT',
        `${what}: received ${received}, expected { rows, cols, rowOffsets, colIndices, values }.`,
        { received },
      );
    }
    const { rows, cols } = parts;
    checkInteger(what, 'rows', rows, 0, maxLength - 1);
    checkInteger(what, 'cols', cols, 0, maxLength - 1);
    const rowOffsets = checkArray(what, 'rowOffsets', 'Int32Array', parts.rowOffsets, rows + 1);
    const values = checkFloat32Array(what, 'values', parts.values);
    const colIndices = checkArray(what, 'colIndices', 'Int32Array', parts.colIndices, values.length);
    const copies = { rowOffsets: rowOffsets.slice(), colIndices: colIndices.slice(), values: values.slice() };
    try {
      native().csrCheck(rows, cols, copies.rowOffsets, copies.colIndices, copies.values);
    } catch (error) {
      if (!(error instanceof SparseError) || error.code !== 'ERR_SPARSE_CSR') throw error;
      throw new SparseError('ERR_SPARSE_CSR', `${what}: ${error.message}.`, {
        tensor: error.message.slice(0, error.message.indexOf('[')),
        expected: /expected (.*), received/.exec(error.message)?.[1],
        received: Number(/received (-?\d+)/.exec(error.message)?.[1]),
        cause: error,
      });
    }
    return new CsrMatrix(rows, cols, copies, own);
  }

  /** Stored entries, stored zeros among them. */
  get nnz(): number {
    return this.#parts.values.length;
  }
  /** nnz / (rows · cols); 0 for an empty matrix. */
  get density(): number {
    const size = this.rows * this.cols;
    return size === 0 ? 0 : this.nnz / size;
  }
  /** rows + 1 offsets into the other two. */
  get rowOffsets(): Int32Array {
    return this.#show().rowOffsets;
  }
  /** Column of each entry. */
  get colIndices(): Int32Array {
    return this.#show().colIndices;
  }
  /** Each entry. */
  get values(): Float32Array {
    return this.#show().values;
  }

  #show(): CsrArrays {
    const { rowOffsets, colIndices, values } = this.#parts;
    this.#shown ??= {
      rowOffsets: rowOffsets.slice(),
      colIndices: colIndices.slice(),
      values: values.slice(),
    };
    return this.#shown;
  }

  /**
   * y[m, rows] = activation(x[m, cols] · Wᵀ + bias). The first call packs the matrix for this CPU, and a later one for
   * another number of rows may pack it in another way: at most four times with each storage.
   * A value of x that is not finite reaches only the outputs that have an entry other than zero for it.
   *
   * @param x - m · cols values, row-major
   * @param m - rows of x, at least 0
   * @param options.bias - `rows` values; default zeros
   * @param options.activation - default linear
   * @param options.out - m · rows values that do not overlap x; filled and returned
   * @param options.threads - default 1
   * @param options.storage - default float32; the matrix is packed for each that is asked for
   * @throws {@link SparseError} `ERR_SPARSE_SHAPE`, `ERR_SPARSE_DTYPE`, `ERR_SPARSE_BUFFER`, `ERR_SPARSE_OPTION`,
   *   `ERR_SPARSE_STORAGE` for a value that is not finite as int8
   */
  matmul(x: Float32Array, m: number, options?: MatmulOptions): Float32Array {
    const call = readMatmulCall(this.rows, this.cols, x, m, options);
    this.#products.multiply(x, m, call);
    return call.out;
  }

  /**
   * The dense matrix [rows, cols], row-major.
   *
   * @throws {@link SparseError} `ERR_SPARSE_SHAPE` when it would have more than 2³¹ − 1 elements
   */
  toDense(): Float32Array {
    checkSize('CsrMatrix.toDense', ['rows', 'cols'], this.rows, this.cols);
    const { rowOffsets, colIndices, values } = this.#parts;
    return native().csrToDense(this.rows, this.cols, rowOffsets, colIndices, values);
  }

  /** The matrix with rows and columns exchanged. */
  transpose(): CsrMatrix {
    const { rowOffsets, colIndices, values } = this.#parts;
    const parts = native().csrTranspose(this.rows, this.cols, rowOffsets, colIndices, values);
    return new CsrMatrix(this.cols, this.rows, parts, own);
  }
}
