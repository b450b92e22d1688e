import { checkFraction, checkInteger, checkKeys } from './options.ts';
import type { PruningSchedule } from './schedules.ts';

/** JaxPruner's polynomial schedule, from 0 to a target. */
export interface JaxPrunerScheduleConfig {
  /** In [0, 1). */ targetSparsity: number;
  /** First step that may have an update. */ updateStartStep: number;
  /** Last step that may have an update. */ updateEndStep: number;
  /** Steps between updates, counted from step 0. */ updateFrequency: number;
  /** Default 3. */ power?: number;
}

/**
 * The polynomial schedule as JaxPruner has it: one step ahead of TFMOT's, and its updates are multiples of the
 * frequency, wherever the window begins. With a window of no length the target holds everywhere.
 *
 * @see google-research/jaxpruner, `sparsity_schedules.py`
 */
export function jaxPrunerSchedule(config: JaxPrunerScheduleConfig): PruningSchedule {
  const what = 'jaxPrunerSchedule';
  checkKeys(what, config, ['targetSparsity', 'updateStartStep', 'updateEndStep', 'updateFrequency', 'power']);
  const target = checkFraction(`${what}: targetSparsity`, config.targetSparsity, true);
  const begin = checkInteger(`${what}: updateStartStep`, config.updateStartStep, 0);
  const end = checkInteger(`${what}: updateEndStep`, config.updateEndStep, begin);
  const frequency = checkInteger(`${what}: updateFrequency`, config.updateFrequency, 1);
  const power = config.power ?? 3;
  return {
    at: (step) => {
      const passed = Math.min(Math.max(step + 1 - begin, 0), end - begin);
      const left = end === begin ? 0 : 1 - passed / (end - begin);
      return {
        prune: step >= begin && step <= end && step % frequency === 0,
        sparsity: target * (1 - left ** power),
      };
    },
    getConfig: () => ({ className: 'JaxPrunerSchedule', config: { ...config } }),
  };
}
