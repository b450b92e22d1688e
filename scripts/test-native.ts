// npm run test:native [-- GoogleTest options]: builds and runs the native tests.
import { runNativeTests } from './runners/native-tests.ts';
import { close } from './setup/tally.ts';

close(runNativeTests({ variant: 'tests', args: process.argv.slice(2) }));
