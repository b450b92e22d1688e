import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildLib } from '../../scripts/setup/build-lib.ts';
import { root } from '../../scripts/setup/process.ts';
import { temporaryFolder } from '../helpers/tree.ts';

const pages = ['README.md', 'CONTRIBUTING.md'];
const read = (page: string) => readFileSync(path.join(root, page), 'utf8');
const programs = [...read('README.md').matchAll(/^```js\n(.*?)^```$/gms)].map((match) => match[1]!);

/** A project with this package and the TF.js packages of this repository, and a model.json that the README names. */
function project(): string {
  const folder = temporaryFolder();
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(root, path.join(modules, 'tfjs-sparse'), 'dir');
  symlinkSync(path.join(root, 'node_modules', '@tensorflow'), path.join(modules, '@tensorflow'), 'dir');
  cpSync(path.join(root, 'test', 'e2e', 'fixtures', 'cnn'), folder, { recursive: true });
  return folder;
}

describe('the README', () => {
  it('has an example of running and one of pruning', () => {
    expect(programs.map((program) => /from '(tfjs-sparse[^']*)'/.exec(program)?.[1])).toEqual([
      'tfjs-sparse',
      'tfjs-sparse/pruning',
    ]);
  });

  it.each(programs.map((program, index) => [index + 1, program] as const))(
    'has an example %i that runs',
    (_index, program) => {
      buildLib();
      const folder = project();
      writeFileSync(path.join(folder, 'example.mjs'), program);
      const setup = path.join(root, 'test', 'helpers', 'legacy-util.cjs');
      const done = spawnSync(process.execPath, ['--require', setup, 'example.mjs'], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
      });
      expect(done.status, done.stderr).toBe(0);
      expect(done.stdout.trim()).not.toBe('');
    },
  );
});

describe.each(pages)('%s', (page) => {
  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const links = [...read(page).matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !existsSync(path.join(root, link)))).toEqual([]);
  });
});
