import { closingLine, sum, type Tally } from '../setup/tally.ts';

/**
 * Runs one runner after the other, each under a heading, and prints a table of their tallies. An error counts as one
 * failure of the runner that threw it; the others still run.
 */
export async function inTurn(
  runners: readonly [name: string, run: () => Tally | Promise<Tally>][],
): Promise<Tally> {
  const tallies: [name: string, tally: Tally][] = [];
  for (const [name, run] of runners) {
    console.log(`\n── ${name} ──`);
    try {
      tallies.push([name, await run()]);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      tallies.push([name, { passed: 0, failed: 1, skipped: [] }]);
    }
  }
  console.log('');
  for (const [name, tally] of tallies) console.log(`${name.padEnd(8)}${closingLine(tally)}`);
  return sum(tallies.map(([, tally]) => tally));
}
