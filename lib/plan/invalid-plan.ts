import { SparseError, shown } from '../errors.ts';

/** The error that every check of a plan gives. */
export function invalid(where: string, expected: string, received: unknown): SparseError {
  return new SparseError(
    'ERR_SPARSE_PLAN',
    `plan: ${where}: expected ${expected}, received ${shown(received)}. Compile the model again.`,
    { tensor: where, expected, received },
  );
}
