import { reviveSchedule } from '../../../lib/pruning/revive-schedule.ts';
import type { PruningSchedule } from '../../../lib/pruning/schedules.ts';
import type { Comparison } from '../comparison.ts';
import type { Fields } from '../fields.ts';

/** TFMOT's class and constructor arguments in this package's names. */
export function readSchedule(fields: Fields): PruningSchedule {
  const className = fields.string('class');
  const arguments_ = fields.object('config');
  const config = Object.fromEntries(
    arguments_.keys().map((key) => {
      const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return [name, arguments_.number(key)];
    }),
  );
  return reviveSchedule({ className, config });
}

/** Compares a schedule at the steps of a vector. */
export function checkSteps(
  fields: Fields,
  compare: Comparison,
  schedule: PruningSchedule,
  keys: { prune: string; sparsity: string },
): void {
  const at = fields.numbers('steps').map((step) => schedule.at(step));
  const prune = fields.list(keys.prune);
  compare.same('number of steps', prune.length, at.length);
  at.forEach((received, i) => {
    compare.same(`${keys.prune}[${i}]`, prune[i], received.prune);
  });
  compare.numbers(
    keys.sparsity,
    fields.numbers(keys.sparsity),
    at.map(({ sparsity }) => sparsity),
  );
}
