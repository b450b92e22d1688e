/** Test cases of one runner. */
export interface Tally {
  passed: number;
  failed: number;
  /** One line each: what failed, as far as the runner can tell. */
  failures: string[];
  /** One line each: what was skipped and why. */
  skipped: string[];
}

/** The tally of one thing that went wrong or well as a whole. */
export const oneCase = (name: string, good: boolean): Tally => ({
  passed: Number(good),
  failed: Number(!good),
  failures: good ? [] : [name],
  skipped: [],
});

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, tally) => total + tally.passed, 0),
    failed: tallies.reduce((total, tally) => total + tally.failed, 0),
    failures: tallies.flatMap((tally) => tally.failures),
    skipped: tallies.flatMap((tally) => tally.skipped),
  };
}

/** The closing line of every runner here; other programs read it. */
export function closingLine(tally: Tally): string {
  const skipped = tally.skipped.length > 0 ? `, ${tally.skipped.length} skipped` : '';
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}

/** Reads what `closeWith` printed back out of a runner's output. @returns undefined without a closing line */
export function parseClosingLine(output: string): Tally | undefined {
  const lines = output.trimEnd().split('\n');
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(lines.at(-1)?.trim() ?? '');
  if (match === null) return undefined;
  const named = (kind: string) => lines.flatMap((text) => text.match(`^${kind}: (.*)`)?.[1] ?? []);
  const skipped = Array.from({ length: Number(match[3] ?? 0) }, () => 'named above');
  return { passed: Number(match[1]), failed: Number(match[2]), failures: named('failed'), skipped };
}

/** The first line of what an error says. */
export const firstLine = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).trimStart().split('\n', 1)[0]!;

/**
 * Runs runners to their end, names the skips and the failures, prints the closing line and sets the exit code. An error, such as a
 * build that fails, counts as one failure.
 */
export async function closeWith(runners: () => Tally | Promise<Tally>): Promise<void> {
  let tally: Tally;
  try {
    tally = await runners();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    tally = oneCase(firstLine(error), false);
  }
  for (const skip of tally.skipped) console.log(`skipped: ${skip}`);
  for (const failure of tally.failures) console.log(`failed: ${failure}`);
  console.log(closingLine(tally));
  if (tally.failed > 0) process.exitCode = 1;
}
