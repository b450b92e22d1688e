// npm test: the missing set-up, then every test of this repository; one closing line for all.
import { inTurn } from './runners/in-turn.ts';
import { runNativeTests } from './runners/native-tests.ts';
import { runCounted } from './runners/program.ts';
import { runVitest } from './runners/vitest.ts';
import { setUp } from './setup/set-up.ts';
import { closeWith } from './setup/tally.ts';

await closeWith(async () => {
  await setUp();
  return inTurn([
    ['vitest', () => runVitest([])],
    ['native', () => runNativeTests({})],
    ['golden', () => runCounted(['tsx', 'scripts/golden.ts'])],
  ]);
});
