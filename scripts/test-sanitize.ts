// npm run test:sanitize: native tests under the address and undefined-behaviour sanitizers, then random bytes for a few
// seconds to each target of test/fuzz, then the TypeScript tests that feed the addon bad input, all built the same way.
// Of those, one stays out: how much memory comes back, which a sanitizer changes.
import path from 'node:path';
import { buildVariant } from './runners/cmake.ts';
import { fuzzQuickly } from './runners/fuzz-quickly.ts';
import { nativeTestVariant, runNativeTests } from './runners/native-tests.ts';
import { addressSanitizerEnvironment } from './runners/sanitizers.ts';
import { runVitest } from './runners/vitest.ts';
import { root } from './setup/process.ts';
import { closeWith, sum, type Tally } from './setup/tally.ts';

const build = { variant: 'sanitize', buildType: 'RelWithDebInfo', sanitize: 'address,undefined' } as const;

function nativeTests(): Promise<Tally> {
  // A leak in our own code is a fault; the native tests know no V8.
  return runNativeTests({ ...build, env: { ASAN_OPTIONS: 'detect_leaks=1' } });
}

function badInputTests(): Tally {
  const folder = buildVariant({ ...nativeTestVariant(build), targets: ['tfjs_sparse'] });
  const folders = ['native', 'sparse', 'session'].map((name) => `test/lib/${name}`);
  const addon = path.join(folder, 'tfjs_sparse.node');
  return runVitest(
    [...folders, '--exclude', 'test/lib/session/memory.test.ts', '--testTimeout=300000'],
    { env: { ...addressSanitizerEnvironment(), TFJS_SPARSE_ADDON: addon } },
    [process.execPath, path.join(root, 'node_modules', 'vitest', 'vitest.mjs')],
  );
}

await closeWith(async () => sum([await nativeTests(), fuzzQuickly(build), badInputTests()]));
