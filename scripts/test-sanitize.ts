// npm run test:sanitize: native tests under the address and undefined-behaviour sanitizers, then the TypeScript tests
// that feed the addon bad input, with the addon built the same way.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildVariant } from './runners/cmake.ts';
import { nativeTestVariant, runNativeTests } from './runners/native-tests.ts';
import { addressSanitizerEnvironment } from './runners/sanitizers.ts';
import { runVitest } from './runners/vitest.ts';
import { root } from './setup/process.ts';
import { close, sum } from './setup/tally.ts';

const build = { variant: 'sanitize', buildType: 'RelWithDebInfo', sanitize: 'address,undefined' } as const;
// A leak in our own code is a fault; the native tests know no V8.
const native = runNativeTests({ ...build, env: { ASAN_OPTIONS: 'detect_leaks=1' } });

const folder = buildVariant({ ...nativeTestVariant(build), targets: ['tfjs_sparse'] });
const folders = ['test/lib/native', 'test/lib/sparse', 'test/lib/session'].filter((name) =>
  existsSync(path.join(root, name)),
);
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const lib = runVitest(
  [...folders, '--testTimeout=300000'],
  { env: { ...addressSanitizerEnvironment(), TFJS_SPARSE_ADDON: path.join(folder, 'tfjs_sparse.node') } },
  [process.execPath, vitest],
);
close(sum([native, lib]));
