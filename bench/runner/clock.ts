/** Smallest step that the clock shows, in seconds: the median of many. */
export function clockResolution(): number {
  const steps: number[] = [];
  while (steps.length < 99) {
    const start = process.hrtime.bigint();
    let now = process.hrtime.bigint();
    while (now === start) now = process.hrtime.bigint();
    steps.push(Number(now - start) / 1e9);
  }
  return steps.sort((a, b) => a - b)[49]!;
}

/** A sample must last this many steps of the clock, so that a step is at most a tenth of a percent. */
const leastSteps = 1000;

/** A warning when samples of that length are too short for this clock. */
export function clockWarning(sampleSeconds: number, resolution = clockResolution()): string | undefined {
  if (sampleSeconds >= resolution * leastSteps) return undefined;
  const micro = (seconds: number) => `${(seconds * 1e6).toFixed(2)} us`;
  return `the clock is too coarse: one step is ${micro(resolution)}, a sample lasts ${micro(sampleSeconds)}`;
}
