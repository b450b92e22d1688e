import { SparseError, shown } from '../errors.ts';
import type { PruningSchedule } from './schedules.ts';

/**
 * What a schedule says of a step. A schedule may be the user's own, so its answer is looked at.
 *
 * @throws {@link SparseError} `ERR_SPARSE_SCHEDULE` when `at` returns something else than { prune, sparsity }
 */
export function askSchedule(schedule: PruningSchedule, step: number): { prune: boolean; sparsity: number } {
  const answer: unknown = schedule.at(step);
  if (typeof answer === 'object' && answer !== null) {
    const { prune, sparsity } = answer as Record<string, unknown>;
    if (typeof prune === 'boolean' && typeof sparsity === 'number') return { prune, sparsity };
  }
  throw new SparseError(
    'ERR_SPARSE_SCHEDULE',
    `pruning: the schedule's at(${step}) returned ${shown(answer)}, expected { prune: boolean, sparsity: number }.`,
    { tensor: 'pruningSchedule', expected: '{ prune, sparsity }', received: answer },
  );
}
