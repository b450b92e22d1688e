import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { checkOwnWords, wordFaults } from '../../../scripts/checks/own-words.ts';
import { makeTree } from '../../helpers/tree.ts';

/** Planted faults are put together here, so that the check does not find them in this file. */
const join = (...pieces: string[]) => pieces.join('');

describe('own words', () => {
  it.each([
    join('see /wo', 'rk/main/lib'),
    join("readFileSync('/ro", "ot/file')"),
    join('"/t', 'mp/out.json"'),
    join('https://registry.npm', 'js.org/x'),
    join('files.python', 'hosted.org'),
    join('storage.google', 'apis.com'),
    join('// TO', 'DO later'),
    join('as tool', 'chain.md says'),
    join('for iss', 'ue 3'),
  ])('refuse "%s"', (text) => {
    expect(wordFaults('a.ts', `first\n${text}\n`)).toHaveLength(1);
    expect(wordFaults('a.ts', `first\n${text}\n`)[0]).toMatch(/^a\.ts:2: /);
  });

  it.each([
    './work/x',
    'a/tmp/x',
    'os.tmpdir()',
    'todoist',
    'the issue is clear',
    'https://arxiv.org/abs/1710.01878',
  ])('allow "%s"', (text) => expect(wordFaults('a.ts', text)).toEqual([]));

  it('read every file of a checkout, also one that is not committed yet', () => {
    const tree = makeTree({ 'docs/a.md': join('at /wo', 'rk/x\n'), 'ignored.log': join('/wo', 'rk/x\n') });
    execFileSync('git', ['init', '-q'], { cwd: tree });
    execFileSync('sh', ['-c', 'echo "*.log" > .gitignore'], { cwd: tree });
    expect(checkOwnWords(tree)).toEqual([`docs/a.md:1: "${join('/wo', 'rk/')}": a path of one machine`]);
  });
});
