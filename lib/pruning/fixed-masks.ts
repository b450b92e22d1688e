import type { PruningSchedule } from './schedules.ts';

/** Class name of {@link fixedMasks}. */
export const fixedClassName = 'FixedMasks';

/** The schedule of masks that are given and never recomputed. */
export function fixedMasks(): PruningSchedule {
  return {
    at: () => ({ prune: false, sparsity: 0 }),
    getConfig: () => ({ className: fixedClassName, config: {} }),
  };
}

/** Whether a schedule is {@link fixedMasks}. */
export function isFixed(schedule: PruningSchedule): boolean {
  return schedule.getConfig().className === fixedClassName;
}
