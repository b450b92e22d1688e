import os from 'node:os';
import path from 'node:path';

/** This user's cache of downloads that every checkout shares; `TFJS_SPARSE_CACHE` moves it. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache');
  return process.env.TFJS_SPARSE_CACHE ?? path.join(base, 'tfjs-sparse');
}
