// npm run check [-- name...]: everything that gates a change besides the tests, all parts or the named ones.
import { checkBoundary } from './checks/boundary.ts';
import { objectsOfDebugBuild } from './checks/built.ts';
import { checkFileLength } from './checks/file-length.ts';
import { checkNativeArrows } from './checks/native-arrows.ts';
import { checkNativeFormat, checkNativeTidy } from './checks/native-lint.ts';
import { checkOwnWords } from './checks/own-words.ts';
import { checkPackage } from './checks/package-contents.ts';
import type { Check } from './checks/problem.ts';
import { checkTsArrows, checkTsCycles } from './checks/ts-arrows.ts';
import { buildLib } from './setup/build-lib.ts';
import { buildNative } from './setup/build-native.ts';
import { capture, root } from './setup/process.ts';
import { closeWith, firstLine, oneCase, sum, type Tally } from './setup/tally.ts';

/** A check that is a program: what it prints is the fault. */
const program =
  (...command: string[]): Check =>
  (folder) => {
    const done = capture(command, { cwd: folder });
    return done.status === 0 ? [] : [`${done.stdout}${done.stderr}`.trim()];
  };

/** A check that reads what a build made. */
const after =
  (builds: readonly (() => void)[], check: Check): Check =>
  (folder) => {
    for (const build of builds) build();
    return check(folder);
  };

const checks: Record<string, Check> = {
  // A lock file that was written where optional packages of other platforms were missing breaks every `npm ci`.
  lock: program('npm', 'ci', '--dry-run', '--silent'),
  biome: program('biome', 'ci', '--colors=off', '.'),
  'clang-format': checkNativeFormat,
  'clang-tidy': checkNativeTidy,
  types: program('tsc', '--noEmit', '-p', '.'),
  arrows: checkTsArrows,
  cycles: checkTsCycles,
  'native-arrows': checkNativeArrows,
  boundary: after([buildNative], checkBoundary),
  objects: () => objectsOfDebugBuild(),
  docs: program('typedoc', '--emit', 'none'),
  knip: program('knip', '--no-progress', '--treat-config-hints-as-errors'),
  package: after([buildNative, buildLib], checkPackage),
  'own-words': checkOwnWords,
  'file-length': checkFileLength,
  'readme-table': program('tsx', 'scripts/readme-table.ts', '--check'),
  'papers-page': program('tsx', 'scripts/papers-page.ts', '--check'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')}. There are: ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}
await closeWith(async () => {
  const tallies: Tally[] = [];
  for (const [name, check] of Object.entries(checks)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const start = performance.now();
    const problems = await (async () => check(root))().catch((error: unknown) => [String(error)]);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    for (const problem of problems) console.log(problem.replace(/^/gm, '       '));
    tallies.push(oneCase(`${name}: ${firstLine(problems[0])}`, problems.length === 0));
  }
  return sum(tallies);
});
