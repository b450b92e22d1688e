// npm run test:arm64 [-- --quick] [-- GoogleTest options]: everything for Linux on arm64, cross-compiled and run under
// emulation: the native tests, the check of the objects, and the addon in an arm64 Node. --quick: the native tests only,
// without those on millions of values. What is missing for it is installed; where that cannot be, the parts fail.
import { objectsOfDebugBuild } from './checks/built.ts';
import { arm64 } from './runners/cross.ts';
import { runAddonOnArm64 } from './runners/emulated-addon.ts';
import { inTurn } from './runners/in-turn.ts';
import { runNativeTests } from './runners/native-tests.ts';
import { closeWith, oneCase, sum, type Tally } from './setup/tally.ts';

const quick = process.argv.includes('--quick');
const options = process.argv.slice(2).filter((option) => option !== '--quick');
/** Emulated, they take two thirds of the time of all. */
const large = '--gtest_filter=-RankMask*:SelectKth.*:CsrProduct.*';
const build = {
  variant: arm64.architecture,
  cross: arm64,
  args: quick ? [large, ...options] : options,
};

function objects(): Tally {
  const problems = objectsOfDebugBuild(arm64);
  for (const problem of problems) console.log(problem);
  return problems.length === 0
    ? oneCase('objects', true)
    : sum(problems.map((problem) => oneCase(problem, false)));
}

const parts: Parameters<typeof inTurn>[0] = [
  ['native', () => runNativeTests(build)],
  ['objects', objects],
  ['addon', () => runAddonOnArm64(build)],
];
await closeWith(() => inTurn(quick ? parts.slice(0, 1) : parts));
