import { SparseError } from '../errors.ts';
import type { NativeActivation } from '../native/bindings.ts';
import { checkFloat32Array, checkInteger, checkOptions, overlaps } from '../native/check.ts';
import { type Activation, readActivation } from './activation.ts';
import { readStorage, type Storage } from './storage.ts';
import { readThreads } from './threads.ts';

/** Options of {@link CsrMatrix.matmul}. */
export interface MatmulOptions {
  /** One value per row of the matrix (output); default zeros. */
  bias?: Float32Array;
  /** Default linear. */
  activation?: Activation;
  /** m · rows values, not overlapping x: filled and returned. Default: a new array. */
  out?: Float32Array;
  /** Threads of this product; default 1. */
  threads?: number;
  /** How the values are kept in memory; default float32. */
  storage?: Storage;
}

/** The arguments of a product, checked. */
export interface MatmulCall {
  bias: Float32Array | null;
  activation: NativeActivation;
  out: Float32Array;
  threads: number;
  storage: Storage;
}

export function readMatmulCall(
  rows: number,
  cols: number,
  x: unknown,
  m: unknown,
  options: MatmulOptions | undefined,
): MatmulCall {
  const what = 'CsrMatrix.matmul';
  checkOptions(what, options, ['bias', 'activation', 'out', 'threads', 'storage']);
  const columns = checkInteger(what, 'm', m, 0);
  const values = checkFloat32Array(what, 'x', x, columns * cols);
  const bias = options?.bias === undefined ? null : checkFloat32Array(what, 'bias', options.bias, rows);
  const threads = readThreads(what, options?.threads);
  const activation = readActivation(what, options?.activation ?? 'linear');
  const storage = readStorage(what, options?.storage);
  if (options?.out === undefined)
    return { bias, activation, out: new Float32Array(columns * rows), threads, storage };
  const out = checkFloat32Array(what, 'out', options.out, columns * rows);
  if (overlaps(values, out)) {
    throw new SparseError('ERR_SPARSE_BUFFER', `${what}: out overlaps x, expected memory of its own.`, {
      tensor: 'out',
      expected: 'memory apart from x',
      received: 'overlapping memory',
    });
  }
  return { bias, activation, out, threads, storage };
}
