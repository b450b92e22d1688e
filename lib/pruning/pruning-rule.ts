import type { Compat, Structure } from '../sparse/structure.ts';
import { fixedMasks } from './fixed-masks.ts';
import { reviveSchedule } from './revive-schedule.ts';
import type { PruningSchedule } from './schedules.ts';

/** How the weights of one wrapped layer are pruned. */
export interface PruningRule {
  /** How sparse, and when masks are recomputed. */ schedule: PruningSchedule;
  /** Pattern of the masks. */ structure: Structure;
  /** Whose counts and ties; 'tfmot' also leaves gradients and slots alone. */ compat: Compat;
  /** Prune the biases too. */ biases: boolean;
  /** Names inside the layer of the weights that are masked; absent: what the registry says. */
  weights?: readonly string[];
}

/** The rule of a layer whose masks never change. */
export function fixedRule(weights: readonly string[]): PruningRule {
  return {
    schedule: fixedMasks(),
    structure: { type: 'unstructured' },
    compat: 'exact',
    biases: false,
    weights,
  };
}

/** A rule as one string, to be read by {@link ruleFromText}. */
export function ruleAsText({ schedule, ...rest }: PruningRule): string {
  return JSON.stringify({ ...rest, schedule: schedule.getConfig() });
}

/** @throws {@link SparseError} `ERR_SPARSE_OPTION` for a schedule that is not one of this package's */
export function ruleFromText(text: string): PruningRule {
  const { schedule, ...rest } = JSON.parse(text);
  return { ...rest, schedule: reviveSchedule(schedule) };
}
