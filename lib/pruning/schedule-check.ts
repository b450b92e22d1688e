import { SparseError } from '../errors.ts';
import { askSchedule } from './ask-schedule.ts';
import type { PruningSchedule } from './schedules.ts';

/** What a schedule does from step 1 to a last step. */
export interface SchedulePreview {
  /** First step with an update. */ firstUpdate?: number;
  /** Last step with an update. */ lastUpdate?: number;
  /** Sparsity of the last update. */ lastSparsity?: number;
}

/** Plays a schedule through. Steps count from 1, as in training. */
export function previewSchedule(schedule: PruningSchedule, lastStep: number): SchedulePreview {
  const preview: SchedulePreview = {};
  for (let step = 1; step <= lastStep; step++) {
    const { prune, sparsity } = askSchedule(schedule, step);
    if (!prune) continue;
    preview.firstUpdate ??= step;
    preview.lastUpdate = step;
    preview.lastSparsity = sparsity;
  }
  return preview;
}

function describe(schedule: PruningSchedule): string {
  const { className, config } = schedule.getConfig();
  const facts = Object.entries(config).map(([key, value]) => `${key} ${String(value)}`);
  return `${className} (${facts.join(', ')})`;
}

/**
 * Refuses a schedule that would prune nothing within the planned training, or never apply its final sparsity.
 *
 * @param steps - optimizer steps by the end of the planned training, counted from the first one ever
 * @throws {@link SparseError} `ERR_SPARSE_SCHEDULE`; the message says what to change
 */
export function checkSchedule(schedule: PruningSchedule, steps: number, planned: string): void {
  const { firstUpdate, lastUpdate, lastSparsity } = previewSchedule(schedule, steps);
  const { beginStep, endStep, frequency, finalSparsity } = schedule.getConfig().config as Record<
    string,
    number | undefined
  >;
  const refuse = (problem: string, advice: string, expected: unknown, received: unknown): never => {
    throw new SparseError(
      'ERR_SPARSE_SCHEDULE',
      `updatePruningStep: ${describe(schedule)} ${problem} ${advice} ` +
        'If more calls of fit follow, say so: updatePruningStep({ totalSteps }).',
      { expected, received },
    );
  };
  if (lastUpdate === undefined) {
    const known = beginStep !== undefined && frequency !== undefined;
    const next = known ? (beginStep > 0 ? beginStep : frequency) : undefined;
    refuse(
      `would prune nothing within the planned ${planned}${next === undefined ? '.' : `: its first update is at step ${next}.`}`,
      known
        ? 'Take a smaller beginStep or frequency (steps count from 1), or train longer.'
        : 'Train longer.',
      next === undefined ? 'an update' : `at least ${next} steps`,
      `${steps} steps`,
    );
  }
  if (finalSparsity === undefined || lastSparsity === finalSparsity) return;
  const window = (endStep as number) - (beginStep as number);
  const within =
    window === 0
      ? 'Make endStep greater than beginStep, or take constantSparsity.'
      : `Take an endStep of at most ${steps}, or train for at least ${endStep} steps.`;
  refuse(
    `would never apply its final sparsity of ${finalSparsity} within the planned ${planned}: ` +
      `its last update, at step ${lastUpdate}, is at ${lastSparsity}.`,
    window % (frequency as number) !== 0
      ? `Take a frequency that divides endStep - beginStep = ${window}.`
      : within,
    finalSparsity,
    { firstUpdate, lastUpdate, lastSparsity },
  );
}
