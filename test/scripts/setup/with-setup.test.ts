import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../../scripts/setup/process.ts';

const withSetup = (command: readonly string[]) =>
  spawnSync('tsx', [path.join(root, 'scripts', 'with-setup.ts'), ...command], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path.join(root, 'node_modules', '.bin')}:${process.env.PATH}` },
  });

it('runs the program after the set-up, with its output and its exit code', () => {
  const done = withSetup(['node', '-e', 'console.log("ran"); process.exit(5)']);
  expect(done.stderr).toMatch(/\[tfjs-node\].*\n\[native\].*\n\[lib\]/);
  expect([done.stdout, done.status]).toEqual(['ran\n', 5]);
});

it('finds the programs of this repository', () => {
  expect(withSetup(['tsc', '--version']).stdout).toMatch(/^Version /);
});

it('fails when there is no such program', () => {
  expect(withSetup(['no-such-program-here']).status).toBe(127);
});
