import Benchmark from 'benchmark';

/**
 * One sample by Benchmark.js: a single cycle of `calls` calls, after the one untimed call that Benchmark.js makes
 * itself. It would go on to take all samples of one function in a row; here every engine gives one in turn, so it
 * is asked for exactly one cycle: no time limit to fill and no least time to reach.
 *
 * @returns seconds of one call
 */
export function sample(run: () => unknown, calls: number): number {
  const bench = new Benchmark(run, { minSamples: 1, maxTime: -1, minTime: 1e-9, initCount: calls });
  bench.run({ async: false });
  // `error` is set at run time and missing in the type declarations.
  const { error } = bench as { error?: unknown };
  if (error) throw error;
  return bench.times.period;
}
