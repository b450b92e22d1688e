import { createRequire } from 'node:module';
import path from 'node:path';
import { exclusively } from './lock.ts';
import { root, run, say } from './process.ts';
import { Stamp } from './stamp.ts';
import { cmake, compiler, ensureSystemPackages, make } from './system-packages.ts';

const stamp = new Stamp('native', ['native', 'CMakeLists.txt'], ['build/Release/tfjs_sparse.node']);

/** Builds the addon with cmake-js into build/Release when a source has changed since. */
export function buildNative(options: { force?: boolean } = {}): void {
  exclusively('native', () => {
    if (!options.force && stamp.isFresh()) {
      say('native', 'the addon is up to date');
      return;
    }
    ensureSystemPackages([compiler, cmake, make]);
    say('native', 'building the addon');
    const hash = stamp.currentHash();
    const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
    // Compilers differ in what they warn about: only our own machines fail at it.
    const strict = process.env.CI ? 'ON' : 'OFF';
    run([process.execPath, cmakeJs, 'build', '-l', 'error', '-p', '2', `--CDSPARSE_WERROR=${strict}`]);
    stamp.write(hash);
  });
}

/**
 * Builds another target in the addon's build folder, from the same objects.
 *
 * @param options - CMake definitions without `-D`
 * @returns the folder
 */
export function buildBesideAddon(target: string, options: Readonly<Record<string, string>>): string {
  buildNative();
  return exclusively('native', () => {
    const folder = path.join(root, 'build');
    const definitions = Object.entries(options).map(([name, value]) => `-D${name}=${value}`);
    run(['cmake', '-Wno-dev', '--log-level=WARNING', '-S', root, '-B', folder, ...definitions]);
    run(['cmake', '--build', folder, '-j', '2', '--target', target]);
    return folder;
  });
}
