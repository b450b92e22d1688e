import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';

const mark = 'TFJS_SPARSE_BENCH_PINNED';

/**
 * Runs the program again, pinned to one core, where `taskset` exists; its engine processes inherit the core. The
 * last core is taken: the first serves interrupts on many machines.
 *
 * @param program - `import.meta.url` of the main program
 * @returns whether the program ran pinned and there is nothing left to do here
 */
export function pinToOneCore(program: string): boolean {
  if (process.env[mark]) return false;
  const core = String(os.availableParallelism() - 1);
  if (spawnSync('taskset', ['-c', core, 'true']).status !== 0) return false;
  const args = [...process.execArgv, fileURLToPath(program), ...process.argv.slice(2)];
  const child = spawnSync('taskset', ['-c', core, process.execPath, ...args], {
    stdio: 'inherit',
    env: { ...process.env, [mark]: '1' },
  });
  process.exitCode = child.status ?? 1;
  return true;
}
