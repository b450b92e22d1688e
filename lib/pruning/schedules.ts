import { SparseError } from '../errors.ts';
import { checkFraction, checkInteger, checkKeys } from './options.ts';

/** A sparsity as a function of the training step. */
export interface PruningSchedule {
  /**
   * Sparsity at a training step, and whether masks are recomputed there. The first batch is step 1.
   *
   * @returns `sparsity`: fraction of zeros, in float32 as TFMOT computes it, but a configured target or final value
   *   comes back as it was given (rounded to float32 it is TFMOT's number, too); NaN where TFMOT's is (a polynomial decay whose begin is its end, at
   *   that step), which pruning refuses
   */
  at(step: number): {
    /** Whether masks are recomputed at this step. */ prune: boolean;
    /** Fraction of zeros, in [0, 1). */ sparsity: number;
  };
  /** Plain data, from which {@link reviveSchedule} makes the schedule again if it is one of TFMOT's or a linear, exponential or cosine one. */
  getConfig(): {
    /** Name of its class, e.g. `ConstantSparsity`; TFMOT's where TFMOT has it. */ className: string;
    /** Its options, defaults filled in. */ config: Record<string, unknown>;
  };
}

/** When masks are recomputed: at `beginStep`, then every `frequency` steps, up to and including `endStep`. */
export interface ScheduleWindow {
  /** First step with an update; default 0 (never seen by training, whose first step is 1). */
  beginStep?: number;
  /** Last step that may have an update; -1 means no end. */
  endStep?: number;
  /** Steps between updates; default 100. */
  frequency?: number;
}

interface ResolvedWindow {
  beginStep: number;
  endStep: number;
  frequency: number;
}

const f32 = Math.fround;

function resolveWindow(what: string, window: ScheduleWindow, endNeeded: boolean): ResolvedWindow {
  const beginStep = checkInteger(`${what}: beginStep`, window.beginStep ?? 0, 0);
  const endStep = checkInteger(`${what}: endStep`, window.endStep ?? -1, endNeeded ? 0 : -1);
  const frequency = checkInteger(`${what}: frequency`, window.frequency ?? 100, 1);
  if (endStep !== -1 && endStep < beginStep) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `${what}: endStep ${endStep} lies before beginStep ${beginStep}. Give an endStep of at least ${beginStep}.`,
      { expected: `endStep >= ${beginStep}`, received: endStep },
    );
  }
  return { beginStep, endStep, frequency };
}

/** Both ends of the window belong to it; the end itself is an update only if a whole number of periods reaches it. */
function isUpdate(step: number, { beginStep, endStep, frequency }: ResolvedWindow): boolean {
  return step >= beginStep && (step <= endStep || endStep < 0) && (step - beginStep) % frequency === 0;
}

/** How far a schedule has come, in float32: 0 up to the begin, 1 from the end on; NaN at the step where both meet. */
function progress(step: number, { beginStep, endStep }: ResolvedWindow): number {
  return Math.min(1, Math.max(0, f32(f32(step - beginStep) / f32(endStep - beginStep))));
}

function makeSchedule(
  className: string,
  window: ResolvedWindow,
  config: Record<string, unknown>,
  sparsity: (step: number) => number,
): PruningSchedule {
  return {
    at: (step) => {
      if (!Number.isSafeInteger(step)) {
        throw new SparseError(
          'ERR_SPARSE_OPTION',
          `${className}.at: expected an integer step, received ${step}.`,
          {
            expected: 'integer',
            received: step,
          },
        );
      }
      return { prune: isUpdate(step, window), sparsity: sparsity(step) };
    },
    getConfig: () => ({ className, config: { ...config } }),
  };
}

const windowKeys = ['beginStep', 'endStep', 'frequency'] as const;

/**
 * The same sparsity at every update.
 *
 * @param config - `targetSparsity` in [0, 1); `beginStep` (default 0), `endStep` (default -1: no end),
 *   `frequency` (default 100). With these defaults the first update is at the 100th batch.
 */
export function constantSparsity(config: { targetSparsity: number } & ScheduleWindow): PruningSchedule {
  checkKeys('constantSparsity', config, ['targetSparsity', ...windowKeys]);
  const targetSparsity = checkFraction('constantSparsity: targetSparsity', config.targetSparsity, true);
  const window = resolveWindow('constantSparsity', config, false);
  return makeSchedule('ConstantSparsity', window, { targetSparsity, ...window }, () => targetSparsity);
}

/** Sparsities of a schedule that goes from one to another. */
export interface SparsityRamp {
  /** In [0, 1); default 0. */ initialSparsity?: number;
  /** In [0, 1); may be smaller than the initial one. */ finalSparsity: number;
}

function ramp(
  className: string,
  config: SparsityRamp & ScheduleWindow,
  curve: (p: number, initial: number, final: number) => number,
  extra: Record<string, number> = {},
): PruningSchedule {
  const what = className.charAt(0).toLowerCase() + className.slice(1);
  checkKeys(what, config, ['initialSparsity', 'finalSparsity', ...windowKeys, ...Object.keys(extra)]);
  const initial = checkFraction(`${what}: initialSparsity`, config.initialSparsity ?? 0, true);
  const final = checkFraction(`${what}: finalSparsity`, config.finalSparsity, true);
  const window = resolveWindow(what, config, true);
  const plain = { initialSparsity: initial, finalSparsity: final, ...window, ...extra };
  const sparsity = (step: number) => {
    const p = progress(step, window);
    return p === 1 ? final : f32(curve(p, initial, final));
  };
  return makeSchedule(className, window, plain, sparsity);
}

/**
 * TFMOT's decay: final + (initial - final) · (1 - p)^power, p the part of the window that has passed.
 *
 * @param config - `power` defaults to 3, `frequency` to 100
 * @see Zhu & Gupta 2017, arXiv:1710.01878, eq. 1
 */
export function polynomialDecay(config: {
  initialSparsity: number;
  finalSparsity: number;
  beginStep: number;
  endStep: number;
  power?: number;
  frequency?: number;
}): PruningSchedule {
  checkKeys('polynomialDecay', config, ['initialSparsity', 'finalSparsity', ...windowKeys, 'power']);
  for (const key of ['initialSparsity', 'beginStep', 'endStep'] as const) {
    if (config[key] !== undefined) continue;
    throw new SparseError('ERR_SPARSE_OPTION', `polynomialDecay: "${key}" is missing.`, { expected: key });
  }
  const power = config.power ?? 3;
  if (!Number.isFinite(power)) {
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `polynomialDecay: expected a finite power, received ${power}.`,
      {
        expected: 'finite number',
        received: power,
      },
    );
  }
  // Rounded where TFMOT rounds: the difference once, then each float32 operation.
  const curve = (p: number, initial: number, final: number) =>
    f32(f32(initial - final) * f32(f32(1 - p) ** power)) + f32(final);
  return ramp('PolynomialDecay', config, curve, { power });
}

/** From the initial sparsity (default 0) to the final one in a straight line. `endStep` is needed. */
export function linearSparsity(config: SparsityRamp & ScheduleWindow): PruningSchedule {
  return ramp('LinearSparsity', config, (p, initial, final) => initial + (final - initial) * p);
}

/** The density falls by the same factor at every step: 1 - (1 - initial) · ((1 - final)/(1 - initial))^p. `endStep` is needed. */
export function exponentialSparsity(config: SparsityRamp & ScheduleWindow): PruningSchedule {
  return ramp(
    'ExponentialSparsity',
    config,
    (p, initial, final) => 1 - (1 - initial) * ((1 - final) / (1 - initial)) ** p,
  );
}

/** A quarter of a cosine, slow at first: initial + (final - initial) · (1 - cos(π·p/2)). `endStep` is needed. */
export function cosineSparsity(config: SparsityRamp & ScheduleWindow): PruningSchedule {
  return ramp(
    'CosineSparsity',
    config,
    (p, initial, final) => initial + (final - initial) * (1 - Math.cos((Math.PI * p) / 2)),
  );
}
