import { SparseError } from '../../errors.ts';
import { checkOptions } from '../../native/check.ts';

/** The schedule of movement pruning, in training steps. */
export interface MovementScheduleConfig {
  /** Steps of the whole training. */ totalSteps: number;
  /** Unit of the two warm-ups. */ warmupSteps: number;
  /** Fraction kept (hard) or threshold (soft) at first. */ initialThreshold: number;
  /** The same in the end. */ finalThreshold: number;
  /** Warm-ups before pruning begins; default 1. */ initialWarmup?: number;
  /** Warm-ups at the end without further pruning; default 2. */ finalWarmup?: number;
  /** Weight of the penalty at the end; default 0. */ finalLambda?: number;
}

/** What holds at a step. */
export interface MovementStep {
  /** Fraction kept, or threshold. */ threshold: number;
  /** Weight of the penalty: finalLambda · threshold / finalThreshold. */ lambda: number;
}

/**
 * Cubic schedule of movement pruning: the initial value up to step a = initialWarmup · warmupSteps, the final one after
 * totalSteps - finalWarmup · warmupSteps, and between them
 * final + (initial - final) · (1 - (step - a) / (totalSteps - (finalWarmup + initialWarmup) · warmupSteps))³.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a number that is missing or not finite, and for warm-ups that leave no
 * step between them
 * @see Sanh et al. 2020, arXiv:2005.07683, section 5; transformers, `masked_run_glue.py`
 */
export function movementSchedule(config: MovementScheduleConfig): {
  /** What holds at a training step. */
  at(step: number): MovementStep;
} {
  const what = 'movementSchedule';
  checkOptions(what, config, [
    'totalSteps',
    'warmupSteps',
    'initialThreshold',
    'finalThreshold',
    'initialWarmup',
    'finalWarmup',
    'finalLambda',
  ]);
  const filled = { initialWarmup: 1, finalWarmup: 2, finalLambda: 0, ...config };
  const { totalSteps, warmupSteps, initialThreshold, finalThreshold } = filled;
  const { initialWarmup, finalWarmup, finalLambda } = filled;
  for (const [name, value] of Object.entries({
    ...filled,
    totalSteps,
    warmupSteps,
    initialThreshold,
    finalThreshold,
  })) {
    if (Number.isFinite(value)) continue;
    throw new SparseError('ERR_SPARSE_OPTION', `${what}: ${name} is ${value}, expected a finite number.`, {
      tensor: name,
      expected: 'a finite number',
      received: value,
    });
  }
  const begin = initialWarmup * warmupSteps;
  const end = totalSteps - finalWarmup * warmupSteps;
  const length = totalSteps - (finalWarmup + initialWarmup) * warmupSteps;
  if (length <= 0) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: the warm-ups (${initialWarmup} and ${finalWarmup} times ${warmupSteps} steps) leave none of ${totalSteps} ` +
        'steps for pruning. Train longer or shorten them.',
      { tensor: 'warmupSteps', expected: `fewer than ${totalSteps} steps`, received: totalSteps - length },
    );
  }
  const thresholdAt = (step: number): number => {
    if (step <= begin) return initialThreshold;
    if (step > end) return finalThreshold;
    return finalThreshold + (initialThreshold - finalThreshold) * (1 - (step - begin) / length) ** 3;
  };
  return {
    at: (step) => {
      const threshold = thresholdAt(step);
      return { threshold, lambda: finalLambda === 0 ? 0 : (finalLambda * threshold) / finalThreshold };
    },
  };
}
