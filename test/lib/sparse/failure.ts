import { SparseError } from '../../../lib/errors.ts';

/** The SparseError that a call throws; anything else is a failure of the test. */
export function failure(run: () => unknown): SparseError {
  try {
    run();
  } catch (error) {
    if (error instanceof SparseError) return error;
    throw error;
  }
  throw new Error('expected a SparseError, but nothing was thrown');
}
