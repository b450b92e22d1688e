import path from 'node:path';
import { buildVariant } from '../scripts/runners/cmake.ts';
import { root } from '../scripts/setup/process.ts';
import { Stamp } from '../scripts/setup/stamp.ts';

const stamp = new Stamp('bench', ['native', 'bench/native', 'CMakeLists.txt'], ['build-bench/sparse_bench']);

/** The native bench program, built when a source has changed since. @returns its path */
export function nativeBench(): string {
  if (!stamp.isFresh()) {
    const hash = stamp.currentHash();
    buildVariant({
      name: 'bench',
      buildType: 'Release',
      options: { SPARSE_BENCH: 'ON' },
      targets: ['sparse_bench'],
    });
    stamp.write(hash);
  }
  return path.join(root, 'build-bench', 'sparse_bench');
}
