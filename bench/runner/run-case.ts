import {
  median,
  medianAbsoluteDeviation,
  pairedRatio,
  relativeDifference,
} from '../../lib/measure/statistics.ts';
import { type TurnsOptions, takeTurns } from '../../lib/measure/turns.ts';
import type { Seat } from './seat.ts';

/** One engine's result on one case. Without samples it did not run: `note` says why. */
export interface Row {
  engine: string;
  medianUs: number | null;
  madUs: number | null;
  samples: number;
  /** Calls in one sample, about. */
  calls: number;
  /** Time of the baseline / time of this engine. */
  ratio: number | null;
  /** 95 % interval of the ratio. */
  ratioInterval: [number, number] | null;
  /** Largest difference from the baseline's output, relative to the largest output. */
  maxDifference: number | null;
  facts: Record<string, string | number>;
  note?: string;
}

export interface RunOptions extends TurnsOptions {
  /** Largest difference of outputs that is let through, relative to the largest output; default 1e-5. */
  bound?: number;
  /** Outputs must be equal bit for bit: rankings, masks. */
  exact?: boolean;
  /** A seat that fails or gives a wrong output gets a row that says so, and the others go on; default: it throws. */
  goOn?: boolean;
}

function missing(engine: string, note: string): Row {
  const nothing = { medianUs: null, madUs: null, ratio: null, ratioInterval: null, maxDifference: null };
  return { engine, ...nothing, samples: 0, calls: 0, facts: {}, note };
}

/**
 * Runs one case: prepares every engine, compares the outputs with those of the first that runs (the baseline),
 * then takes samples in turn.
 *
 * @throws Error when an output differs by more than the bound: a wrong result has no speed.
 */
export async function runCase(seats: readonly Seat[], options: RunOptions = {}): Promise<Row[]> {
  const bound = options.exact ? 0 : (options.bound ?? 1e-5);
  const rows = new Map<string, Row>();
  const running: { seat: Seat; difference: number }[] = [];
  let expected: Float32Array | undefined;
  try {
    for (const seat of seats) {
      let answer: Awaited<ReturnType<Seat['prepare']>>;
      try {
        answer = await seat.prepare();
      } catch (error) {
        if (!options.goOn) throw error;
        answer = { unavailable: `error: ${(error as Error).message}` };
      }
      if ('unavailable' in answer) {
        rows.set(seat.name, missing(seat.name, answer.unavailable));
        continue;
      }
      expected ??= answer.output;
      const difference = relativeDifference(expected, answer.output);
      if (difference <= bound) {
        running.push({ seat, difference });
        continue;
      }
      const message =
        `output differs from ${running[0]?.seat.name} by ${difference} of the largest output, ` +
        `allowed ${bound}. Nothing is timed.`;
      await seat.dispose();
      if (!options.goOn) throw new Error(`${seat.name}: ${message}`);
      rows.set(seat.name, { ...missing(seat.name, `error: ${message}`), maxDifference: difference });
    }
    const turns = await takeTurns(
      running.map((r) => r.seat),
      options,
    );
    const baseline = turns[0]?.samples ?? [];
    const most = Math.max(...turns.map((turn) => turn.samples.length));
    for (const [i, { seat, difference }] of running.entries()) {
      const { samples, calls } = turns[i]!;
      const { ratio, interval } = pairedRatio(baseline, samples);
      rows.set(seat.name, {
        engine: seat.name,
        medianUs: median(samples) * 1e6,
        madUs: medianAbsoluteDeviation(samples) * 1e6,
        samples: samples.length,
        calls,
        ratio,
        ratioInterval: interval,
        maxDifference: difference,
        facts: await seat.facts(),
        ...(samples.length < most
          ? { note: `${samples.length} samples, the others ${most}: it is slow` }
          : {}),
      });
    }
  } finally {
    for (const { seat } of running) await seat.dispose();
  }
  return seats.map((seat) => rows.get(seat.name)!);
}
