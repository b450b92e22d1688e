import type { PruningSchedule } from './schedules.ts';

/** The sparsity that a schedule ends at, where its configuration says so. */
export function finalSparsityOf(schedule: PruningSchedule): number | undefined {
  const { finalSparsity, targetSparsity } = schedule.getConfig().config;
  const final = finalSparsity ?? targetSparsity;
  return typeof final === 'number' ? final : undefined;
}

/** How far a sparsity is on the way to its schedule's end, 1 = there. 1 too where the end is 0 or not known. */
export function progressOf(schedule: PruningSchedule, sparsity: number): number {
  const final = finalSparsityOf(schedule);
  return final === undefined || final === 0 ? 1 : sparsity / final;
}
