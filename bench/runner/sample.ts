import Benchmark from 'benchmark';

/** Calls that Benchmark.js sees as one: its own loop costs 30 to 300 ns a turn (docs/decisions/0005), much for a call of 2 µs. */
const block = 32;

/**
 * One sample by Benchmark.js: a single cycle of about `calls` calls, after an untimed turn that Benchmark.js makes
 * itself. It would go on to take all samples of one function in a row; here every engine gives one in turn, so it
 * is asked for exactly one cycle: no time limit to fill and no least time to reach.
 *
 * @returns seconds of one call
 */
export function sample(run: () => unknown, calls: number): number {
  // The untimed turn should stay short beside the sample.
  const inner = Math.max(1, Math.min(block, Math.floor(calls / 4)));
  const turn = () => {
    for (let i = 0; i < inner; i++) run();
  };
  const initCount = Math.ceil(calls / inner);
  const bench = new Benchmark(turn, { minSamples: 1, maxTime: -1, minTime: 1e-9, initCount });
  bench.run({ async: false });
  // `error` is set at run time and missing in the type declarations.
  const { error } = bench as { error?: unknown };
  if (error) throw error;
  return bench.times.period / inner;
}

/** The same of calls that answer by a promise, which Benchmark.js cannot sample in one cycle of a known length. */
export async function sampleLater(run: () => Promise<unknown>, calls: number): Promise<number> {
  await run();
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) await run();
  return Number(process.hrtime.bigint() - start) / 1e9 / calls;
}
