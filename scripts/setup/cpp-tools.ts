import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import { run, say } from './process.ts';
import { ensureSystemPackages, pip } from './system-packages.ts';

// Pinned: another version formats otherwise and finds other things.
const packages = ['clang-format==23.1.5', 'clang-tidy==23.1.4'];
const folderName = `cpp-tools-${packages.map((name) => name.split('==')[1]).join('-')}`;

/**
 * Path of a pinned tool, installed from Python packages into this user's cache at the first call.
 *
 * @throws Error when pip is missing or cannot install them
 */
export function cppTool(name: 'clang-format' | 'clang-tidy'): string {
  const folder = path.join(cacheFolder(), folderName);
  // The packages hold the program itself; the scripts in bin/ only start it.
  const program = path.join(folder, name.replace('-', '_'), 'data', 'bin', name);
  if (existsSync(program)) return program;
  ensureSystemPackages([pip]);
  say('cpp-tools', `installing ${packages.join(' and ')} (once for this user)`);
  mkdirSync(cacheFolder(), { recursive: true });
  const aside = `${folder}.part-${process.pid}`;
  const quiet = ['-q', '--no-cache-dir', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  const python = process.env.PYTHON ?? 'python3';
  run([python, '-m', 'pip', 'install', ...quiet, '--target', aside, ...packages], {
    env: { PIP_ROOT_USER_ACTION: 'ignore' },
  });
  try {
    renameSync(aside, folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(program)) throw error; // another process was first
  }
  return program;
}
