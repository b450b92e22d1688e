import { median, medianAbsoluteDeviation, pairedRatio } from '../../lib/measure/statistics.ts';
import { type TurnsOptions, takeTurns } from '../../lib/measure/turns.ts';
import type { WholeModelCase } from '../cases/whole-model-case.ts';
import { EngineProcess } from '../runner/process.ts';
import type { Seat } from '../runner/seat.ts';
import { compareOutputs, countSameClass, type OutputPart } from './compare-outputs.ts';
import type { Agreement, Timing } from './result.ts';

/** The engine processes of one model: ours, tfjs-node, and tfjs-node with its other set of kernels. */
export interface Engines {
  session: EngineProcess;
  tfjs: EngineProcess;
  other: EngineProcess;
}

/**
 * Processes for one model, so that one that crashes takes no other with it. TensorFlow has two sets of kernels,
 * Eigen's and oneDNN's; which it takes by itself depends on the machine, so `other` is given both names' opposite.
 */
export function startEngines(threads = 1): Engines {
  const oneDnn = process.env.TF_ENABLE_ONEDNN_OPTS ?? '0';
  return {
    session: new EngineProcess(threads),
    tfjs: new EngineProcess(threads, { TF_ENABLE_ONEDNN_OPTS: oneDnn }),
    other: new EngineProcess(threads, { TF_ENABLE_ONEDNN_OPTS: oneDnn === '0' ? '1' : '0' }),
  };
}

async function outputOf(seat: Seat): Promise<Float32Array> {
  const answer = await seat.prepare();
  if ('unavailable' in answer) throw new Error(`${seat.name}: ${answer.unavailable}`);
  return answer.output;
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
  };
}

export interface MeasureOptions {
  parts: readonly OutputPart[];
  limit: number;
  classifier: boolean;
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
  { session, tfjs, other }: Engines,
  work: WholeModelCase,
  { parts, limit, classifier, timing }: MeasureOptions,
): Promise<Measured> {
  const seats = {
    tfjs: tfjs.seat('tfjs-node of a saved model', work, 'tfjs-node'),
    other: other.seat('tfjs-node of a saved model', work, 'tfjs-node, other kernels'),
    session: session.seat('session of a saved model', work, 'session'),
  };
  const expected = await outputOf(seats.tfjs);
  const own = compareOutputs(parts, expected, await outputOf(seats.other)).difference;
  await seats.other.dispose();
  const received = await outputOf(seats.session);
  const found = compareOutputs(parts, expected, received);
  const sameClass = classifier ? countSameClass(parts, expected, received) : undefined;
  const inputs = work.sets.length;
  const passed = found.difference <= Math.max(limit, 2 * own) && (sameClass ?? inputs) === inputs;
  const times = timing && passed ? { timing: await timingOf(seats.tfjs, seats.session, timing) } : {};
  await seats.tfjs.dispose();
  await seats.session.dispose();
  return { ...found, own, limit, ...(classifier && { sameClass }), inputs, passed, ...times };
}
