// npm run test:tsan [-- GoogleTest options]: the native tests that use threads, under the thread sanitizer. Kernels know no
// threads: their own tests would take minutes here and find nothing.
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
    nativeIsasOnly: true,
    files: '/(thread_pool|session|csr_product|steps)_test\\.cc$',
    args: [
      // The last two ask about sums and sizes, on the threads of the others, and take half of the time.
      '--gtest_filter=ThreadPool.*:Session.*:CsrProduct.*:MatmulStep.*:ConvStep.*-*.adds_a_second_input*:*.stays_inside_the_scratch*',
      ...process.argv.slice(2),
    ],
  }),
);
