import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { SparseError } from '../errors.ts';

/**
 * Writes a file that is there completely or not at all: beside it under another name, flushed to the disk, then
 * renamed over it. A reader never sees half of it, a crash leaves the old one.
 *
 * @param parts - written one after the other
 * @throws SparseError `ERR_SPARSE_FILE` when the file cannot be written; nothing is left beside it then
 */
export async function writeFileAtomic(file: string, parts: readonly Uint8Array[]): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(beside, 'wx');
    try {
      for (const part of parts) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
    await syncFolder(path.dirname(path.resolve(file)));
  } catch (cause) {
    await rm(beside, { force: true });
    throw new SparseError(
      'ERR_SPARSE_FILE',
      `${file}: cannot be written (${(cause as NodeJS.ErrnoException).code ?? cause}). Does the folder exist, and is there room?`,
      { tensor: file, cause },
    );
  }
}

/** Makes the new name itself last; not every platform can open a folder. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows has no such call; there the rename is as lasting as it gets.
  }
}
