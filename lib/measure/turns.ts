import { throwIfAborted } from '../native/abort.ts';

/** One of several ways to do the same work. */
export interface Contestant {
  name: string;
  /** Sits out from this round on: for one so slow that more rounds would take minutes. Default: takes part in all. */
  maxRounds?: number;
  /** Makes `calls` calls and returns the seconds that one of them took on average. */
  sample(calls: number): number | Promise<number>;
}

export interface TurnsOptions {
  /** Time for all samples of one contestant; default 1 s. Rounds go on until every contestant had it on average. */
  seconds?: number;
  /** Fewest rounds, whatever they take; default 11. */
  minRounds?: number;
  /** Most rounds; default 501. */
  maxRounds?: number;
  /** What one sample should last at least: many calls of a fast engine, one of a slow; default 0.004 s. */
  sampleSeconds?: number;
  /**
   * A contestant whose call takes 50 ms and this many times as long as the fastest one's gives only three samples, or
   * one when it takes 2 s: it decides nothing, and would take minutes. Default: all give equally many.
   */
  slowFactor?: number;
  signal?: AbortSignal;
  /** After each round: the share of the work that is done, in [0, 1]. */
  onRound?: (share: number) => void;
}

export interface Turns {
  name: string;
  /** Calls that made up one sample. */
  calls: number;
  /** Seconds of one call, a value per round it took part in. Value i of every contestant was taken in round i. */
  samples: number[];
}

/** A call of this many seconds is long beside what the scheduler does to it. */
const longCall = 0.05;

/**
 * Number of calls that last `sampleSeconds`, and the seconds of one; also warms the contestant up. The fastest of three
 * tries counts: one that the scheduler interrupted must not pass for a slow engine. A try longer than `long` is enough
 * by itself.
 */
async function calibrate(
  contestant: Contestant,
  sampleSeconds: number,
  long: number,
): Promise<{ calls: number; period: number }> {
  let calls = 1;
  for (;;) {
    let period = await contestant.sample(calls);
    if (period < long)
      for (let tries = 1; tries < 3; tries++) period = Math.min(period, await contestant.sample(calls));
    if (period * calls >= sampleSeconds / 2)
      return { calls: Math.max(1, Math.ceil(sampleSeconds / period)), period };
    calls *= 4;
  }
}

/**
 * Lets the contestants take turns: in every round each gives one sample, and the next round begins with another
 * one, so that nobody always runs right after the same neighbour.
 *
 * @throws {@link SparseError} `ERR_SPARSE_ABORTED` when the signal is aborted; checked between samples.
 */
export async function takeTurns(
  contestants: readonly Contestant[],
  options: TurnsOptions = {},
): Promise<Turns[]> {
  const { seconds = 1, minRounds = 11, maxRounds = 501, sampleSeconds = 0.004, signal, onRound } = options;
  const turns: Turns[] = [];
  const periods: number[] = [];
  for (const contestant of contestants) {
    throwIfAborted('compare', signal);
    const { calls, period } = await calibrate(
      contestant,
      sampleSeconds,
      options.slowFactor === undefined ? Number.POSITIVE_INFINITY : longCall,
    );
    turns.push({ name: contestant.name, calls, samples: [] });
    periods.push(period);
  }
  const slow = Math.max(longCall, Math.min(...periods) * (options.slowFactor ?? Number.POSITIVE_INFINITY));
  const limits = contestants.map((contestant, i) => {
    const few = periods[i]! <= slow ? maxRounds : periods[i]! < 2 ? 3 : 1;
    return Math.min(few, contestant.maxRounds ?? maxRounds);
  });
  const budget = seconds * limits.filter((limit) => limit === maxRounds).length;
  let spent = 0;
  for (let round = 0; round < maxRounds && (round < minRounds || spent < budget); round++) {
    for (let i = 0; i < contestants.length; i++) {
      throwIfAborted('compare', signal);
      const at = (round + i) % contestants.length;
      const turn = turns[at]!;
      if (round >= limits[at]!) continue;
      const period = await contestants[at]!.sample(turn.calls);
      turn.samples.push(period);
      if (limits[at] === maxRounds) spent += period * turn.calls;
    }
    onRound?.(Math.min(1, Math.min((round + 1) / minRounds, budget > 0 ? spent / budget : 1)));
  }
  return turns;
}

/** Times `calls` calls of `run` after one that is not timed; seconds of one call. */
export function timeCalls(run: () => unknown, calls: number): number {
  run();
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) run();
  return Number(process.hrtime.bigint() - start) / 1e9 / calls;
}
