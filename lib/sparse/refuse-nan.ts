import { SparseError } from '../errors.ts';
import { native } from '../native/load.ts';

function nanError(what: string, name: string, index: number): SparseError {
  return new SparseError(
    'ERR_SPARSE_NAN',
    `${what}: ${name}[${index}] is NaN, expected numbers that can be ranked. Did the training diverge?`,
    { tensor: name, expected: 'a number', received: index },
  );
}

/** Throws `ERR_SPARSE_NAN` with the position of the first NaN, if there is one. */
export function refuseNan(what: string, name: string, values: Float32Array): void {
  const index = native().firstNan(values);
  if (index >= 0) throw nanError(what, name, index);
}

/** Runs a native function that refuses NaN itself; its error then names the tensor. */
export function namingNan<T>(what: string, name: string, values: Float32Array, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SparseError && error.code === 'ERR_SPARSE_NAN') refuseNan(what, name, values);
    throw error;
  }
}
