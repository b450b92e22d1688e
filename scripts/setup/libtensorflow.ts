import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import { capture, root, run, say } from './process.ts';
import { compiler, ensureSystemPackages, pip } from './system-packages.ts';

// 2.12 is the first wheel with the whole C library in a file of its own, and the smallest such wheel.
const tensorflow = '2.12.0';
const wheelSha256 = 'e8c7047552a2d759f3e65ac13e36dd24bb5fec2e6576e848287811ec44b3d62f';
const python = process.env.PYTHON ?? 'python3';

const folder = () => path.join(cacheFolder(), `tf-${tensorflow}-linux-x64`);
const completeMark = () => path.join(folder(), '.complete');

/** Whether the wheel has a library for this machine. */
export function wheelFits(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

/** Whether the library lies in this user's cache already. */
export function hasLibtensorflow(): boolean {
  return existsSync(completeMark());
}

/** Downloads the wheel into `target` and leaves its library and headers there. */
function downloadInto(target: string): void {
  const requirements = path.join(target, 'requirements.txt');
  writeFileSync(requirements, `tensorflow-cpu==${tensorflow} --hash=sha256:${wheelSha256}\n`);
  const platform = ['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'];
  platform.push('--platform', 'manylinux_2_17_x86_64');
  const quiet = ['-q', '--no-cache-dir', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  run([python, '-m', 'pip', 'download', ...quiet, ...platform, '-d', target, '-r', requirements]);
  const wheel = readdirSync(target).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip downloaded no wheel of tensorflow-cpu');
  run([python, path.join(root, 'scripts', 'setup', 'unpack_wheel.py'), path.join(target, wheel), target]);
  rmSync(path.join(target, wheel));
  rmSync(requirements);
  const library = path.join(target, 'lib');
  for (const [link, file] of [
    ['libtensorflow.so', 'libtensorflow_cc.so.2'],
    ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
  ] as const) {
    capture(['strip', '--strip-unneeded', path.join(library, file)]); // a quarter smaller; works without, too
    symlinkSync(file, path.join(library, link));
  }
}

/** Fills the cache aside and renames at the end, so that a crash or a second process leaves nothing half done. */
function fillCache(): void {
  ensureSystemPackages([pip]);
  mkdirSync(cacheFolder(), { recursive: true });
  const aside = mkdtempSync(`${folder()}.part-`);
  try {
    say('tfjs-node', `downloading libtensorflow ${tensorflow} (230 MB, once for this user)`);
    downloadInto(aside);
    writeFileSync(path.join(aside, '.complete'), `${tensorflow}\n`);
    renameSync(aside, folder());
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!hasLibtensorflow()) throw error;
  }
}

/** Compiles the package's own binding against the library. @returns the addon's path in the cache */
function compileBinding(tfjsNode: string, version: string): string {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => path.join(tfjsNode, 'binding', name));
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source));
  const addon = path.join(folder(), `tfjs_binding-${version}-${hash.digest('hex').slice(0, 12)}.node`);
  if (existsSync(addon)) return addon;

  ensureSystemPackages([compiler]);
  say('tfjs-node', 'compiling its binding');
  const headers = (createRequire(import.meta.url)('node-api-headers') as { include_dir: string }).include_dir;
  const part = `${addon}.${process.pid}`;
  run([
    process.env.CXX ?? 'c++',
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8'],
    ...[`-I${headers}`, `-I${path.join(folder(), 'include')}`, ...sources, '-o', part],
    ...[`-L${path.join(folder(), 'lib')}`, '-ltensorflow', '-ltensorflow_framework'],
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ]);
  renameSync(part, addon);
  return addon;
}

/**
 * Puts the cached library, downloaded first if need be, behind an installed tfjs-node. `deps` is a link into the
 * cache, so that all checkouts share one copy; the binding is a real file, because it finds the library relative
 * to itself.
 */
export function linkLibtensorflow(tfjsNode: string, version: string): void {
  if (!hasLibtensorflow()) fillCache();
  const addon = compileBinding(tfjsNode, version);
  rmSync(path.join(tfjsNode, 'deps'), { recursive: true, force: true });
  symlinkSync(folder(), path.join(tfjsNode, 'deps'), 'dir');
  const binding = path.join(tfjsNode, 'lib', 'napi-v8');
  mkdirSync(binding, { recursive: true });
  copyFileSync(addon, path.join(binding, 'tfjs_binding.node'));
}
