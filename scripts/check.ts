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
import { captureLater, root } from './setup/process.ts';
import { closeWith, firstLine, oneCase, sum, type Tally } from './setup/tally.ts';

/** A check that is a program: what it prints is the fault. */
const program =
  (...command: string[]): Check =>
  async (folder) => {
    const done = await captureLater(command, { cwd: folder });
    return done.status === 0 ? [] : [`${done.stdout}${done.stderr}`.trim()];
  };

/** A check that reads what a build made. */
const after =
  (builds: readonly (() => void)[], check: Check): Check =>
  (folder) => {
    for (const build of builds) build();
    return check(folder);
  };

/** Programs of one thread each: they run in turn beside clang-tidy, which takes longer than all of them. */
const programs: Record<string, Check> = {
  // A lock file that was written where optional packages of other platforms were missing breaks every `npm ci`.
  lock: program('npm', 'ci', '--dry-run', '--silent'),
  biome: program('biome', 'ci', '--colors=off', '.'),
  types: program('tsc', '--noEmit', '-p', '.'),
  docs: program('typedoc', '--emit', 'none'),
  knip: program('knip', '--no-progress', '--treat-config-hints-as-errors'),
  'readme-table': program('tsx', 'scripts/readme-table.ts', '--check'),
  'papers-page': program('tsx', 'scripts/papers-page.ts', '--check'),
};
const tidy: Record<string, Check> = { 'clang-tidy': checkNativeTidy };
/** They block this thread, so they come after the others. */
const rest: Record<string, Check> = {
  'clang-format': checkNativeFormat,
  arrows: checkTsArrows,
  cycles: checkTsCycles,
  'native-arrows': checkNativeArrows,
  boundary: after([buildNative], checkBoundary),
  objects: () => objectsOfDebugBuild(),
  package: after([buildNative, buildLib], checkPackage),
  'own-words': checkOwnWords,
  'file-length': checkFileLength,
};
const all = [...Object.keys(programs), ...Object.keys(tidy), ...Object.keys(rest)];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')}. There are: ${all.join(', ')}`);
  process.exit(2);
}

async function inTurn(checks: Record<string, Check>): Promise<Tally> {
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
}

await closeWith(async () => {
  const beside = await Promise.all([inTurn(tidy), inTurn(programs)]);
  return sum([...beside, await inTurn(rest)]);
});
