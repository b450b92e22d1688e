// npm run test:fuzz [-- --seconds N] [-- --target NAME FILE...]: feeds random bytes to the targets of test/fuzz under the
// address and undefined-behaviour sanitizers, N seconds each (default 60); or gives one of them the files that broke it.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildVariant } from './runners/cmake.ts';
import { fuzzTargets } from './runners/fuzz-quickly.ts';
import { root, runStatus } from './setup/process.ts';
import { clang, ensureSystemPackages, fuzzerRuntime } from './setup/system-packages.ts';
import { closeWith, oneCase, sum, type Tally } from './setup/tally.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, target: { type: 'string' } },
});

const sources = path.join(root, 'test', 'fuzz');
const all = fuzzTargets();

/** Runs one target: on the files that were named, or on its seeds and on what it makes of them. */
function fuzz(folder: string, target: string): boolean {
  const work = path.join(folder, 'corpus', target);
  const broken = path.join(folder, 'broken', target);
  mkdirSync(work, { recursive: true });
  mkdirSync(broken, { recursive: true });
  const random = [
    `-max_total_time=${values.seconds}`,
    '-max_len=600',
    '-timeout=20',
    '-rss_limit_mb=2048',
    '-verbosity=0',
    '-print_final_stats=1',
    `-artifact_prefix=${broken}/`,
    work,
    path.join(sources, 'corpus', target),
  ];
  console.log(`\n── ${target} ──`);
  const status = runStatus([
    path.join(folder, `fuzz_${target}`),
    ...(positionals.length > 0 ? positionals : random),
  ]);
  if (status !== 0) console.log(`npm run test:fuzz -- --target ${target} ${broken}/<file above> repeats it`);
  return status === 0;
}

await closeWith((): Tally => {
  const targets = values.target === undefined ? all : all.filter((name) => name === values.target);
  if (targets.length === 0) throw new Error(`--target ${values.target}: expected ${all.join(', ')}`);
  if (positionals.length > 0 && values.target === undefined) throw new Error('a file is for which --target?');
  ensureSystemPackages([clang, fuzzerRuntime]);
  const folder = buildVariant({
    name: 'fuzz',
    buildType: 'RelWithDebInfo',
    options: {
      CMAKE_CXX_COMPILER: 'clang++',
      SPARSE_FUZZ: 'ON',
      SPARSE_SANITIZE: 'address,undefined',
      // It runs what this CPU runs; most have no AVX-512, and it is slow to compile so.
      SPARSE_AVX512: 'OFF',
    },
    targets: targets.map((name) => `fuzz_${name}`),
  });
  return sum(targets.map((target) => oneCase(target, fuzz(folder, target))));
});
