import { invalid } from './invalid-plan.ts';
import { cellGates, type PlanValue, type RecurrenceStep } from './plan.ts';

/** Checks everything about a recurrence but its weight and activations. */
export function checkRecurrence(
  step: RecurrenceStep,
  inputs: readonly PlanValue[],
  y: PlanValue,
  where: string,
): void {
  const { cell, n, k: units, backwards, masked, initial } = step;
  if (typeof cell !== 'string' || !Object.hasOwn(cellGates, cell)) {
    throw invalid(where, `a cell of ${Object.keys(cellGates).join(', ')}`, cell);
  }
  if ([backwards, masked, initial].some((flag) => typeof flag !== 'boolean')) {
    throw invalid(where, 'backwards, masked and initial', [backwards, masked, initial]);
  }
  const [x, ...others] = inputs as [PlanValue, ...PlanValue[]];
  if (!Number.isInteger(units) || units < 1 || n !== cellGates[cell] * units) {
    throw invalid(where, `${cellGates[cell]} gates for each of k units`, [n, units]);
  }
  if (x.channels !== n) throw invalid(where, `an input of ${n} channels`, x.channels);
  const isLstm = cell === 'lstm';
  if (others.length !== (masked ? 1 : 0) + (initial ? (isLstm ? 2 : 1) : 0)) {
    throw invalid(where, 'the mask and the initial states among its inputs', others.length);
  }
  const [mask] = masked ? others : [];
  if (mask && (mask.channels !== 1 || mask.height * mask.width !== x.height * x.width)) {
    throw invalid(where, 'a mask of the time steps', mask.shape);
  }
  for (const state of others.slice(masked ? 1 : 0)) {
    if (state.channels !== units || state.height * state.width !== 1) {
      throw invalid(where, `initial states of ${units} units`, state.shape);
    }
  }
  const hasUnits = y.channels === units || (isLstm && y.channels === 2 * units);
  const isSequence = y.height === x.height && y.width === x.width;
  if (!hasUnits || !(isSequence || y.height * y.width === 1)) {
    throw invalid(where, `an output of ${units} units, of every step or the last`, y.shape);
  }
}
