import { closingLine, firstLine, oneCase, sum, type Tally } from '../setup/tally.ts';

/**
 * Runs one runner after the other, each under a heading, and prints a table of their tallies. An error counts as one
 * failure of the runner that threw it; the others still run.
 */
export async function inTurn(
  runners: readonly [name: string, run: () => Tally | Promise<Tally>][],
): Promise<Tally> {
  const tallies: [name: string, tally: Tally][] = [];
  const seconds: number[] = [];
  for (const [name, run] of runners) {
    console.log(`\n── ${name} ──`);
    const start = performance.now();
    try {
      tallies.push([name, await run()]);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      tallies.push([name, oneCase(`${name}: ${firstLine(error)}`, false)]);
    }
    seconds.push(Math.round((performance.now() - start) / 1000));
  }
  console.log('');
  for (const [i, [name, tally]] of tallies.entries())
    console.log(`${name.padEnd(8)}${closingLine(tally)}, ${seconds[i]} s`);
  return sum(tallies.map(([, tally]) => tally));
}
