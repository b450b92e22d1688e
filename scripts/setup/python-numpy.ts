import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import { capture, say } from './process.ts';

const version = '2.2.6';

/**
 * The PYTHONPATH of a pinned NumPy, installed into this user's cache at the first call.
 *
 * @returns the path, or why there is none
 */
export function numpyPath(): { path: string } | { unavailable: string } {
  const folder = path.join(cacheFolder(), `numpy-${version}`);
  if (existsSync(path.join(folder, 'numpy'))) return { path: folder };
  say('numpy', `installing NumPy ${version} (once for this user)`);
  mkdirSync(cacheFolder(), { recursive: true });
  const aside = `${folder}.part-${process.pid}`;
  const quiet = ['-q', '--no-cache-dir', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  const python = process.env.PYTHON ?? 'python3';
  const command = [python, '-m', 'pip', 'install', ...quiet, '--target', aside, `numpy==${version}`];
  const { status, stderr } = capture(command, { env: { PIP_ROOT_USER_ACTION: 'ignore' } });
  if (status !== 0) {
    rmSync(aside, { recursive: true, force: true });
    return { unavailable: `pip could not install NumPy ${version}: ${stderr.trim().split('\n').at(-1)}` };
  }
  try {
    renameSync(aside, folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(path.join(folder, 'numpy'))) throw error; // another process was first
  }
  return { path: folder };
}
