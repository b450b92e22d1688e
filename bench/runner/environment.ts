import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { nativeInfo } from '../../lib/native/info.ts';
import { pinnedCore } from './pin.ts';

/** Everything about the machine and the versions that a reader of a figure needs. */
export interface Environment {
  cpu: string;
  cores: number;
  /** Instruction set that this project's kernels used. */
  isa: string;
  threads: number;
  /** Core that the engine processes ran on. */
  pinned: string;
  node: string;
  tfjs: string;
  tensorflow: string;
  commit: string;
  date: string;
  command: string;
  /** Load of the machine (1 minute) when the run began; above the core count others were running too. */
  load: number;
}

function output(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

function commit(): string {
  const hash = output('git', ['rev-parse', '--short=12', 'HEAD']);
  if (!hash) return 'unknown';
  return output('git', ['status', '--porcelain', '--untracked-files=no']) ? `${hash} (modified)` : hash;
}

/** @param versions - versions of TF.js and TensorFlow as an engine process reported them */
export function environment(
  versions: { tfjs?: string | number; tensorflow?: string | number },
  command: string,
): Environment {
  const info = nativeInfo();
  const core = pinnedCore();
  return {
    cpu: info.cpu.trim(),
    cores: info.cores,
    isa: info.isa,
    threads: 1,
    pinned: core === undefined ? 'not pinned' : `core ${core}`,
    node: process.version,
    tfjs: String(versions.tfjs ?? 'not loaded'),
    tensorflow: String(versions.tensorflow ?? 'not loaded'),
    commit: commit(),
    date: new Date().toISOString(),
    command,
    load: Number(os.loadavg()[0]!.toFixed(2)),
  };
}
