import { spawnSync } from 'node:child_process';
import os from 'node:os';

let found: number | undefined | null = null;

/**
 * The core that engine processes are pinned to, the same for all, so that no two ever run at once and none moves:
 * the last one, since the first serves interrupts on many machines. Undefined where there is no `taskset`.
 */
export function pinnedCore(): number | undefined {
  if (found === null) {
    const core = os.availableParallelism() - 1;
    found = spawnSync('taskset', ['-c', String(core), 'true']).status === 0 ? core : undefined;
  }
  return found;
}

/** The command that starts a program on the last `cores` cores of the machine, where that can be asked for. */
export function pinnedCommand(command: readonly string[], cores = 1): string[] {
  const last = pinnedCore();
  if (last === undefined) return [...command];
  const first = Math.max(0, last - cores + 1);
  return ['taskset', '-c', first === last ? `${last}` : `${first}-${last}`, ...command];
}
