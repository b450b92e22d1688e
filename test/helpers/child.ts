import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '..', '..');

/** URL of a file of this repository, to be imported by a script. */
export const urlOf = (file: string) => pathToFileURL(path.join(root, file)).href;

/**
 * Runs a TypeScript module in a process of its own, with --expose-gc.
 *
 * @returns what it printed, parsed as JSON, and how it ended
 * @throws when it printed more than 256 MB or took longer than four minutes
 */
export function runScript(
  code: string,
  env: NodeJS.ProcessEnv = {},
): { status: number | null; signal: string | null; output: unknown; stderr: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sparse-child-'));
  try {
    const file = path.join(folder, 'script.mts');
    writeFileSync(file, code);
    const done = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), '--expose-gc', file], {
      cwd: root,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      timeout: 240_000,
      maxBuffer: 1 << 28,
    });
    if (done.error) throw done.error;
    const { status, signal, stdout, stderr } = done;
    return { status, signal, output: stdout === '' ? undefined : JSON.parse(stdout), stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
