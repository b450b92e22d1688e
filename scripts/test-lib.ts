// npm run test:lib [-- files or vitest options]: the missing set-up, then the tests of the TypeScript side.
import { runVitest } from './runners/vitest.ts';
import { setUp } from './setup/set-up.ts';
import { closeWith } from './setup/tally.ts';

await closeWith(async () => {
  await setUp();
  return runVitest(process.argv.slice(2));
});
