import { SparseError } from '../errors.ts';

/** The error that every check of a plan gives. */
export function invalid(where: string, expected: string, received: unknown): SparseError {
  const shown = received === undefined ? 'nothing' : JSON.stringify(received);
  return new SparseError(
    'ERR_SPARSE_PLAN',
    `plan: ${where}: expected ${expected}, received ${shown.slice(0, 80)}. Compile the model again.`,
    { tensor: where, expected, received },
  );
}
