// npm test: the missing set-up, then every test of this repository; one closing line for all.
import { runNativeTests } from './runners/native-tests.ts';
import { runVitest } from './runners/vitest.ts';
import { captureLater } from './setup/process.ts';
import { setUp } from './setup/set-up.ts';
import { closeWith, closingLine, parseClosingLine, sum, type Tally } from './setup/tally.ts';

async function golden(): Promise<Tally> {
  const { status, stdout } = await captureLater(['tsx', 'scripts/golden.ts'], { show: true });
  const tally = parseClosingLine(stdout) ?? { passed: 0, failed: 1, skipped: [] };
  if (status !== 0 && tally.failed === 0) tally.failed = 1;
  return tally;
}

const runners: [name: string, run: () => Tally | Promise<Tally>][] = [
  ['vitest', () => runVitest([])],
  ['native', () => runNativeTests({ variant: 'tests' })],
  ['golden', golden],
];

await closeWith(async () => {
  await setUp();
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
});
