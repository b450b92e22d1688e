import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/setup/process.ts';
import { makeTree } from '../helpers/tree.ts';

const good: Record<string, string> = {
  'ci *': ':',
  test: 'echo "skipped: gpu (none)"; echo "7 passed, 0 failed, 1 skipped"',
  '*check*': 'echo "2 passed, 0 failed"',
  '*test:sanitize*': 'echo "3 passed, 0 failed"',
  '*test:tsan*': 'echo "3 passed, 0 failed"',
  '*test:arm64*': 'echo "4 passed, 0 failed"',
};

/** Runs .ci/run with an npm that does what the table says, and one example. */
function runCi(npm: Record<string, string>, example = 'exit 0') {
  const cases = Object.entries(npm).map(
    ([pattern, body]) => `  ${pattern.replaceAll(' ', '\\ ')}) ${body} ;;`,
  );
  const tree = makeTree({
    '.ci/run': readFileSync(path.join(root, '.ci', 'run'), 'utf8'),
    'examples/one.ts': '',
    'bin/npm': `#!/bin/bash\ncase "$*" in\n${cases.join('\n')}\nesac\n`,
    'bin/npx': `#!/bin/bash\n${example}\n`,
  });
  for (const file of ['.ci/run', 'bin/npm', 'bin/npx']) chmodSync(path.join(tree, file), 0o755);
  const done = spawnSync(path.join(tree, '.ci', 'run'), {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path.join(tree, 'bin')}:${process.env.PATH}` },
  });
  const lines = done.stdout.trimEnd().split('\n');
  return {
    status: done.status,
    last: lines.at(-1)!,
    named: lines.filter((line) => line.startsWith('failed in')),
  };
}

describe('.ci/run', () => {
  it('adds up closing lines and counts a part without one as a case', () => {
    // 1 install + 7 + 2 + 3 + 3 + 4 + 1 example
    expect(runCi(good)).toEqual({ status: 0, last: '21 passed, 0 failed, 1 skipped', named: [] });
  });

  it.each([
    ['a failed test', { test: 'echo "7 passed, 2 failed"; exit 1' }, '21 passed, 2 failed'],
    ['a failed test that left exit code 0', { test: 'echo "7 passed, 2 failed"' }, '21 passed, 2 failed'],
    [
      'a part that crashes without a closing line',
      { '*check*': 'exit 139' },
      '19 passed, 1 failed, 1 skipped',
    ],
    [
      'a part that crashes after a good closing line',
      { '*check*': 'echo "2 passed, 0 failed"; exit 1' },
      '21 passed, 1 failed, 1 skipped',
    ],
  ])('does not hide %s', (_what, change, last) => {
    expect(runCi({ ...good, ...change })).toMatchObject({ status: 1, last });
  });

  it('does not hide a failing example', () => {
    expect(runCi(good, 'exit 3')).toMatchObject({ status: 1, last: '20 passed, 1 failed, 1 skipped' });
  });

  it('names at its end what failed, wherever it was', () => {
    const test = 'echo "failed: a.test.ts > adds: 1 is not 2"; echo "7 passed, 1 failed"';
    expect(runCi({ ...good, test, '*check*': 'exit 139' }).named).toEqual([
      'failed in test: a.test.ts > adds: 1 is not 2',
      'failed in check:',
    ]);
  });

  it('stops when the install fails', () => {
    expect(runCi({ ...good, 'ci *': 'exit 1' })).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
  });
});
