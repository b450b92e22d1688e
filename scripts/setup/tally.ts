/** Test cases of one runner. */
export interface Tally {
  passed: number;
  failed: number;
  /** One line each: what was skipped and why. */
  skipped: string[];
}

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, tally) => total + tally.passed, 0),
    failed: tallies.reduce((total, tally) => total + tally.failed, 0),
    skipped: tallies.flatMap((tally) => tally.skipped),
  };
}

/** The closing line of every runner here; other programs read it. */
export function closingLine(tally: Tally): string {
  const skipped = tally.skipped.length > 0 ? `, ${tally.skipped.length} skipped` : '';
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}

/** Reads a closing line back out of a runner's output. @returns undefined when there is none */
export function parseClosingLine(output: string): Tally | undefined {
  const lines = output.trimEnd().split('\n');
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(lines.at(-1)?.trim() ?? '');
  if (match === null) return undefined;
  const skipped = Array.from({ length: Number(match[3] ?? 0) }, () => 'named above');
  return { passed: Number(match[1]), failed: Number(match[2]), skipped };
}

/**
 * Runs runners to their end, names the skips, prints the closing line and sets the exit code. An error, such as a
 * build that fails, counts as one failure.
 */
export async function closeWith(runners: () => Tally | Promise<Tally>): Promise<void> {
  let tally: Tally;
  try {
    tally = await runners();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    tally = { passed: 0, failed: 1, skipped: [] };
  }
  for (const skip of tally.skipped) console.log(`skipped: ${skip}`);
  console.log(closingLine(tally));
  if (tally.failed > 0) process.exitCode = 1;
}
