import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildLib } from '../../scripts/setup/build-lib.ts';
import { root } from '../../scripts/setup/process.ts';
import { temporaryFolder } from '../helpers/tree.ts';

const guides = readdirSync(path.join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const read = (page: string) => readFileSync(path.join(root, page), 'utf8');
const blocks = (page: string) => [...read(page).matchAll(/^```js\n(.*?)^```$/gms)].map((match) => match[1]!);
const programs = blocks('README.md');

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

/** Runs a program in a project of its own. @returns what it printed */
function run(program: string): string {
  const folder = project();
  writeFileSync(path.join(folder, 'example.mjs'), program);
  const setup = path.join(root, 'test', 'helpers', 'legacy-util.cjs');
  const done = spawnSync(process.execPath, ['--require', setup, 'example.mjs'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  expect(done.status, done.stderr).toBe(0);
  return done.stdout.trim();
}

// Not in the time of the first test: on a busy machine building takes longer than all of them.
beforeAll(() => {
  buildLib();
}, 300_000);

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
      expect(run(program)).not.toBe('');
    },
  );
});

describe('the guide to pruning', () => {
  it('is a program that prints what its comments say', () => {
    const lines = run(blocks('docs/pruning.md').join('\n')).split('\n');
    const total = Number(lines[0]);
    expect(total).toBeGreaterThan(0.79);
    expect(total).toBeLessThan(0.81);
    expect(lines[1]).toMatch(/^ERR_SPARSE_SCHEDULE .*would prune nothing/);
    expect(lines.slice(2, 6)).toEqual(['0.8', '48 6', '0.5', 'true']);
    expect(lines.join(' ')).toMatch(/compressionRatio.* 8 \[/);
  });
});

describe.each(['README.md', 'CONTRIBUTING.md'])('%s', (page) => {
  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe.each(['README.md', 'CONTRIBUTING.md', ...guides])('%s', (page) => {
  it('links only to files that exist, and names only examples that do', () => {
    const links = [...read(page).matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!);
    const linked = links.map((link) => path.join(root, path.dirname(page), link));
    const named = [...read(page).matchAll(/\bexamples\/[\w-]+\.ts/g)].map(([name]) => path.join(root, name));
    expect([...linked, ...named].filter((file) => !existsSync(file))).toEqual([]);
  });
});

it('every guide has its place in the README', () => {
  expect(guides.filter((guide) => !read('README.md').includes(`](${guide})`))).toEqual([]);
});
