import path from 'node:path';
import { buildBesideAddon } from '../scripts/setup/build-native.ts';
import { root } from '../scripts/setup/process.ts';
import { Stamp } from '../scripts/setup/stamp.ts';

const program = path.join('build', 'sparse_bench');
const stamp = new Stamp('bench', ['native', 'bench/native', 'CMakeLists.txt'], [program]);

/** The native bench program, built when a source has changed since. @returns its path */
export function nativeBench(): string {
  if (!stamp.isFresh()) {
    const hash = stamp.currentHash();
    buildBesideAddon('sparse_bench', { SPARSE_BENCH: 'ON' });
    stamp.write(hash);
  }
  return path.join(root, program);
}
