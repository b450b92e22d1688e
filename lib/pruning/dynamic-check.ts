import { SparseError } from '../errors.ts';
import { exchangesAt } from './dynamic-masks.ts';
import type { DynamicRule } from './pruning-rule.ts';

/**
 * Refuses a training in which SET or RigL would never exchange a connection.
 *
 * @param done - steps before this training
 * @param steps - optimizer steps by its end
 * @throws {@link SparseError} `ERR_SPARSE_SCHEDULE`; the message says what to change
 */
export function checkDynamic(rule: DynamicRule, done: number, steps: number, planned: string): void {
  const { updateEvery, stopAtStep } = rule;
  // Further training of a finished exchange is nothing to complain of.
  if (done > 0) return;
  for (let step = updateEvery; step <= steps; step += updateEvery) if (exchangesAt(rule, step)) return;
  throw new SparseError(
    'ERR_SPARSE_SCHEDULE',
    `updatePruningStep: ${rule.method} would exchange no connection within the planned ${planned}: updates are at ` +
      `multiples of ${updateEvery} below step ${stopAtStep}. Take a smaller updateEvery, a later stopAtStep, or train longer. ` +
      'If more calls of fit follow, say so: updatePruningStep({ totalSteps }).',
    {
      expected: 'an update',
      received: `${steps} steps, updateEvery ${updateEvery}, stopAtStep ${stopAtStep}`,
    },
  );
}
