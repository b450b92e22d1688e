// tsx scripts/with-setup.ts [program args...]: does the missing set-up, then becomes the program.
// The repository's .npmrc switches off pre and post hooks, so the scripts of package.json call this by name.
import { runStatus } from './setup/process.ts';
import { setUp } from './setup/set-up.ts';

const command = process.argv.slice(2);
try {
  await setUp();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
if (command.length > 0) process.exit(runStatus(command));
