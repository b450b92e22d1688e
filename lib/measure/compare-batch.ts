import type { TensorInfo, Values } from '../session/ports.ts';
import type { CompareEngine, ComparisonRow } from './comparison.ts';
import type { LoadedEngine } from './engine.ts';
import { inputValues, shapeAt } from './inputs.ts';
import { median, medianAbsoluteDeviation, pairedRatio, relativeDifference } from './statistics.ts';
import { takeTurns, timeCalls } from './turns.ts';

/** An engine whose outputs differ by more than this share of the largest output is not timed. */
const differenceBound = 1e-4;
/** The row of an engine that did not run, or whose outputs were wrong. */
export function notTimed(
  engine: CompareEngine,
  batch: number,
  note: string,
  maxDifference = Number.NaN,
): ComparisonRow {
  const none = Number.NaN;
  return {
    engine,
    batch,
    medianUs: none,
    madUs: none,
    samples: 0,
    ratio: none,
    ratioInterval: [none, none],
    maxDifference,
    note,
  };
}

/** Largest relative difference over all outputs. */
function outputDifference(expected: readonly Values[], received: readonly Values[]): number {
  if (expected.length !== received.length) return Number.POSITIVE_INFINITY;
  return Math.max(...expected.map((e, i) => relativeDifference(e, received[i]!)));
}

/** All engines at one batch size: outputs first, then samples in turn. */
export async function compareBatch(
  batch: number,
  loaded: ReadonlyMap<CompareEngine, LoadedEngine>,
  baseline: CompareEngine | undefined,
  inputs: readonly TensorInfo[],
  options: { seconds: number; signal?: AbortSignal; onRound(share: number): void },
): Promise<Map<CompareEngine, ComparisonRow>> {
  const rows = new Map<CompareEngine, ComparisonRow>();
  if (!baseline) return rows;
  const shapes = inputs.map((info) => shapeAt(info, batch));
  const values = inputs.map((info, i) => inputValues(info, shapes[i]!, i + 1));
  const order = [baseline, ...[...loaded.keys()].filter((name) => name !== baseline)];
  let expected: readonly Values[] | undefined;
  const racing: { engine: CompareEngine; difference: number; sample(calls: number): Promise<number> }[] = [];
  for (const engine of order) {
    const { activate, call, note } = loaded.get(engine)!;
    const run = call(values, shapes);
    await activate?.();
    const outputs = run();
    expected ??= outputs;
    const difference = outputDifference(expected, outputs);
    if (difference > differenceBound) {
      const text = `outputs differ from ${baseline} by ${difference} of the largest output: not timed`;
      rows.set(engine, notTimed(engine, batch, note ? `${text}; ${note}` : text, difference));
      continue;
    }
    racing.push({
      engine,
      difference,
      async sample(calls) {
        await activate?.();
        return timeCalls(run, calls);
      },
    });
  }
  const turns = await takeTurns(
    racing.map(({ engine, sample }) => ({ name: engine, sample })),
    options,
  );
  for (const [i, { engine, difference }] of racing.entries()) {
    const { samples } = turns[i]!;
    const { ratio, interval } = pairedRatio(turns[0]!.samples, samples);
    const { note } = loaded.get(engine)!;
    rows.set(engine, {
      engine,
      batch,
      medianUs: median(samples) * 1e6,
      madUs: medianAbsoluteDeviation(samples) * 1e6,
      samples: samples.length,
      ratio,
      ratioInterval: interval,
      maxDifference: difference,
      ...(note && { note }),
    });
  }
  return rows;
}
