import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const never = new Set(['node_modules', 'dist', '.git', 'demo-output']);

/** Files below a folder of the checkout whose names match, as paths relative to the root with forward slashes. */
export function listFiles(root: string, folder: string, pattern: RegExp): string[] {
  const top = path.join(root, folder);
  if (!existsSync(top)) return [];
  const found: string[] = [];
  for (const entry of readdirSync(top, { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory() && !never.has(entry.name) && !entry.name.startsWith('build')) {
      found.push(...listFiles(root, name, pattern));
    } else if (entry.isFile() && pattern.test(entry.name)) found.push(name);
  }
  return found.sort();
}

export function readLines(root: string, file: string): string[] {
  return readFileSync(path.join(root, file), 'utf8').split('\n');
}
