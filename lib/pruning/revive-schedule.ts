import { SparseError } from '../errors.ts';
import { fixedMasks } from './fixed-masks.ts';
import { jaxPrunerSchedule } from './jaxpruner-schedule.ts';
import {
  constantSparsity,
  cosineSparsity,
  exponentialSparsity,
  linearSparsity,
  type PruningSchedule,
  polynomialDecay,
} from './schedules.ts';

const byClassName: Readonly<Record<string, (config: never) => PruningSchedule>> = {
  ConstantSparsity: constantSparsity,
  PolynomialDecay: polynomialDecay,
  LinearSparsity: linearSparsity,
  ExponentialSparsity: exponentialSparsity,
  CosineSparsity: cosineSparsity,
  JaxPrunerSchedule: jaxPrunerSchedule,
  FixedMasks: fixedMasks,
};

/**
 * Makes a schedule from what its `getConfig` gave.
 *
 * @throws {@link SparseError} `ERR_SPARSE_OPTION` for a class that is not one of this package's
 */
export function reviveSchedule(saved: { className: string; config: object }): PruningSchedule {
  const make = byClassName[saved.className];
  if (!make) {
    const known = Object.keys(byClassName);
    throw new SparseError(
      'ERR_SPARSE_OPTION',
      `reviveSchedule: unknown schedule class "${saved.className}", expected one of ${known.join(', ')}. ` +
        'A schedule of your own is not saved with the model: strip the model before saving it.',
      { expected: known, received: saved.className },
    );
  }
  return make(saved.config as never);
}
