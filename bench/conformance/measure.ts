import { median, medianAbsoluteDeviation, pairedRatio } from '../../lib/measure/statistics.ts';
import { type TurnsOptions, takeTurns } from '../../lib/measure/turns.ts';
import type { WholeModelCase } from '../cases/whole-model-case.ts';
import { splitOutputs } from '../engines/whole-model-outputs.ts';
import type { Seat } from '../runner/seat.ts';
import { alignTies } from './align-ties.ts';
import { compareOutputs, countSameClass } from './compare-outputs.ts';
import type { Engines } from './engines.ts';
import type { Agreement, Timing } from './result.ts';

async function outputOf(seat: Seat): Promise<Float32Array[]> {
  const answer = await seat.prepare();
  if ('unavailable' in answer) throw new Error(`${seat.name}: ${answer.unavailable}`);
  return splitOutputs(answer.output);
}

/** The runs of `received`, each with its ties in the order of `expected`. */
function inOrder(
  names: readonly string[],
  expected: readonly Float32Array[],
  received: readonly Float32Array[],
  { sortedBy, limit }: MeasureOptions,
): readonly Float32Array[] {
  if (sortedBy === undefined) return received;
  const scores = names.indexOf(sortedBy);
  return Array.from({ length: expected.length / names.length }, (_, run) => {
    const outputs = [expected, received].map((all) =>
      all.slice(run * names.length, (run + 1) * names.length),
    );
    return alignTies(outputs[0]!, outputs[1]!, scores, limit);
  }).flat();
}

/** Largest difference between tfjs-node with one and the other of TensorFlow's sets of kernels. */
async function differenceFromItself(
  engines: Engines,
  work: WholeModelCase,
  expected: readonly Float32Array[],
  options: MeasureOptions,
): Promise<number> {
  const seat = engines.get('other').seat('tfjs-node of a saved model', work, 'tfjs-node, other kernels');
  const received = inOrder(work.outputs, expected, await outputOf(seat), options);
  const { difference } = compareOutputs(work.outputs, expected, received);
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
  /** Output of scores by which rows are sorted; those of scores that tie are compared in any order. */
  sortedBy?: string;
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
  options: MeasureOptions,
): Promise<Measured> {
  const { limit, classifier, timing, own } = options;
  const tfjs = engines.get('tfjs').seat('tfjs-node of a saved model', work, 'tfjs-node');
  const session = engines.get('session').seat('session of a saved model', work, 'session');
  const expected = await outputOf(tfjs);
  const ownDifference = own ?? (await differenceFromItself(engines, work, expected, options));
  const received = inOrder(work.outputs, expected, await outputOf(session), options);
  const found = compareOutputs(work.outputs, expected, received);
  const sameClass = classifier ? countSameClass(work.outputs.length, expected, received) : undefined;
  const inputs = work.sets.length;
  const passed = found.difference <= Math.max(limit, 2 * ownDifference) && (sameClass ?? inputs) === inputs;
  const times = timing && passed ? { timing: await timingOf(tfjs, session, timing) } : {};
  await tfjs.dispose();
  await session.dispose();
  return { ...found, own: ownDifference, limit, ...(classifier && { sameClass }), inputs, passed, ...times };
}
