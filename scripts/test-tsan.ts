// npm run test:tsan: native tests under the thread sanitizer.
import { runNativeTests } from './runners/native-tests.ts';
import { threadSanitizerPrefix } from './runners/sanitizers.ts';
import { closeWith } from './setup/tally.ts';

await closeWith(() =>
  runNativeTests({
    variant: 'tsan',
    buildType: 'RelWithDebInfo',
    sanitize: 'thread',
    prefix: threadSanitizerPrefix(),
    env: { TSAN_OPTIONS: 'halt_on_error=1' },
    args: process.argv.slice(2),
  }),
);
