import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache.ts';

const mark = '.complete';

/**
 * A folder of this user's cache that is filled once: aside first, then renamed, so that a crash or a second process
 * leaves nothing half done.
 *
 * @param name - relative to the cache, with the version of what is in it
 * @param fill - puts everything into the folder that it is given; async ones are awaited
 * @returns the folder
 */
export async function cachedFolder(
  name: string,
  fill: (folder: string) => void | Promise<void>,
): Promise<string> {
  const folder = path.join(cacheFolder(), name);
  const isComplete = () => existsSync(path.join(folder, mark));
  if (isComplete()) return folder;
  mkdirSync(path.dirname(folder), { recursive: true });
  const aside = mkdtempSync(`${folder}.part-`);
  try {
    await fill(aside);
    writeFileSync(path.join(aside, mark), '');
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } catch (error) {
    if (!isComplete()) throw error; // else another process was first
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}
