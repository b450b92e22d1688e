// npm run test:native [-- GoogleTest options]: builds and runs the native tests.
import { runNativeTests } from './runners/native-tests.ts';
import { closeWith } from './setup/tally.ts';

await closeWith(() => runNativeTests({ args: process.argv.slice(2) }));
