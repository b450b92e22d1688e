import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import { capture, root, say } from './process.ts';
import { ensureSystemPackages, libxsmm, pthreadpool, xnnpack } from './system-packages.ts';

const requirements = path.join(root, 'bench', 'engines', 'python', 'requirements');

/** Newest Python that every rival has packages for. */
const newestPython = '3.11';

/** A Python environment with the rivals of the benches; `missing` says by group why it could not be installed. */
export interface BenchPeers {
  python: string;
  missing: Readonly<Record<string, string>>;
}

/** The groups of packages: a file `<group>.txt` each, every version pinned, dependencies included. */
function groups(): string[] {
  return readdirSync(requirements)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => path.basename(file, '.txt'))
    .sort();
}

function environmentFolder(): string {
  const hash = createHash('sha256').update(newestPython);
  for (const group of groups()) hash.update(readFileSync(path.join(requirements, `${group}.txt`)));
  return path.join(cacheFolder(), `bench-peers-${hash.digest('hex').slice(0, 12)}`);
}

const recordOf = (folder: string) => path.join(folder, 'missing.json');
const pythonOf = (folder: string) => path.join(folder, 'bin', 'python');

/** The environment, if {@link setUpBenchPeers} has made it. */
export function findBenchPeers(): BenchPeers | undefined {
  const folder = environmentFolder();
  if (!existsSync(recordOf(folder))) return undefined;
  return { python: pythonOf(folder), missing: JSON.parse(readFileSync(recordOf(folder), 'utf8')) };
}

/** A Python of that version, else any. */
function basePython(): string {
  const named = `python${newestPython}`;
  return capture([named, '--version']).status === 0 ? named : (process.env.PYTHON ?? 'python3');
}

function install(python: string, group: string): string | undefined {
  say('peers', `installing ${group}`);
  const file = path.join(requirements, `${group}.txt`);
  const flags = ['-q', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check'];
  const done = capture([python, '-m', 'pip', 'install', ...flags, '-r', file]);
  return done.status === 0 ? undefined : `pip: ${done.stderr.trim().split('\n').at(-1)}`;
}

/**
 * Makes a virtual environment with the Python rivals in this user's cache: about 7 GB, most of it PyTorch's libraries
 * for graphics cards, without which it does not load. Done once; a group that cannot be installed is noted, and the
 * benches' rows say why. Rivals in C come from the system's packages. An interrupted set-up goes on where it was.
 */
export function setUpBenchPeers(): BenchPeers {
  try {
    ensureSystemPackages([pthreadpool, xnnpack, libxsmm]);
  } catch (error) {
    say('peers', (error as Error).message);
  }
  const found = findBenchPeers();
  if (found) return found;
  const folder = environmentFolder();
  mkdirSync(cacheFolder(), { recursive: true });
  const made = capture([basePython(), '-m', 'venv', folder]);
  if (made.status !== 0)
    throw new Error(`python3 -m venv failed (Debian, Ubuntu: python3-venv): ${made.stderr}`);
  const missing: Record<string, string> = {};
  for (const group of groups()) {
    const reason = install(pythonOf(folder), group);
    if (reason === undefined) continue;
    say('peers', `${group} is missing: ${reason}`);
    missing[group] = reason;
  }
  writeFileSync(recordOf(folder), JSON.stringify(missing));
  return { python: pythonOf(folder), missing };
}
