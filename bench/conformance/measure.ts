import { median, medianAbsoluteDeviation, pairedRatio } from '../../lib/measure/statistics.ts';
import { type TurnsOptions, takeTurns } from '../../lib/measure/turns.ts';
import type { WholeModelCase } from '../cases/whole-model-case.ts';
import { splitOutputs } from '../engines/whole-model-outputs.ts';
import type { Seat } from '../runner/seat.ts';
import { compareOutputs, countSameClass } from './compare-outputs.ts';
import type { Engines } from './engines.ts';
import type { Agreement, Timing } from './result.ts';

async function outputOf(seat: Seat): Promise<Float32Array[]> {
  const answer = await seat.prepare();
  if ('unavailable' in answer) throw new Error(`${seat.name}: ${answer.unavailable}`);
  return splitOutputs(answer.output);
}

/** Largest difference between tfjs-node with one and the other of TensorFlow's sets of kernels. */
async function differenceFromItself(
  engines: Engines,
  work: WholeModelCase,
  expected: readonly Float32Array[],
): Promise<number> {
  const seat = engines.get('other').seat('tfjs-node of a saved model', work, 'tfjs-node, other kernels');
  const { difference } = compareOutputs(work.outputs, expected, await outputOf(seat));
  await seat.dispose();
  return difference;
}

async function timingOf(tfjs: Seat, session: Seat, options: TurnsOptions): Promise<Timing> {
  const [theirs, ours] = await takeTurns([tfjs, session], options);
  const { ratio, interval } = pairedRatio(theirs!.samples, ours!.samples);
  const ms = (seconds: number) => seconds * 1000;
  return {
    tfjsMs: ms(median(theirs!.samples)),
    tfjsMad: ms(medianAbsoluteDeviation(theirs!.samples)),
    sessionMs: ms(median(ours!.samples)),
    sessionMad: ms(medianAbsoluteDeviation(ours!.samples)),
    ratio,
    interval,
    rounds: ours!.samples.length,
    costs: String((await session.facts()).costs),
  };
}

export interface MeasureOptions {
  limit: number;
  classifier: boolean;
  /** What tfjs-node differs from itself, where an earlier run has found it. */
  own?: number;
  /** Absent: nothing is timed. */
  timing?: TurnsOptions;
}

export type Measured = Pick<
  Agreement,
  'difference' | 'worst' | 'own' | 'limit' | 'sameClass' | 'inputs' | 'passed' | 'timing'
>;

/**
 * Runs one saved model in all engines, compares every output on every input, and then lets ours and tfjs-node take
 * turns. A difference passes up to the limit, or twice what tfjs-node's own two sets of kernels differ by.
 *
 * @throws Error when an engine fails or its process ends
 */
export async function measure(
  engines: Engines,
  work: WholeModelCase,
  { limit, classifier, timing, own }: MeasureOptions,
): Promise<Measured> {
  const tfjs = engines.get('tfjs').seat('tfjs-node of a saved model', work, 'tfjs-node');
  const session = engines.get('session').seat('session of a saved model', work, 'session');
  const expected = await outputOf(tfjs);
  const ownDifference = own ?? (await differenceFromItself(engines, work, expected));
  const received = await outputOf(session);
  const found = compareOutputs(work.outputs, expected, received);
  const sameClass = classifier ? countSameClass(work.outputs.length, expected, received) : undefined;
  const inputs = work.sets.length;
  const passed = found.difference <= Math.max(limit, 2 * ownDifference) && (sameClass ?? inputs) === inputs;
  const times = timing && passed ? { timing: await timingOf(tfjs, session, timing) } : {};
  await tfjs.dispose();
  await session.dispose();
  return { ...found, own: ownDifference, limit, ...(classifier && { sameClass }), inputs, passed, ...times };
}
