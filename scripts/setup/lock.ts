import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './process.ts';

const pause = new Int32Array(new SharedArrayBuffer(4));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @returns whether the lock is ours now; one whose owner has died is taken over */
function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    if (owner > 0 && !isAlive(owner)) rmSync(file, { force: true });
  } catch {
    // The owner has just let go.
  }
  return false;
}

/**
 * Runs `task` while no other process runs one under the same name: test files that run side by side would build into
 * the same folder. Blocks the thread.
 */
export function exclusively<T>(name: string, task: () => T, folder: string = root): T {
  const file = path.join(folder, 'build-stamps', `${name}.lock`);
  mkdirSync(path.dirname(file), { recursive: true });
  while (!take(file)) Atomics.wait(pause, 0, 0, 100);
  try {
    return task();
  } finally {
    rmSync(file, { force: true });
  }
}
