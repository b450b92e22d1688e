import path from 'node:path';
import { configureVariant } from '../runners/cmake.ts';
import { cppTool } from '../setup/cpp-tools.ts';
import { capture, captureLater } from '../setup/process.ts';
import { listFiles } from './files.ts';

/** Folders with C++ of ours. */
const folders = ['native', 'test/native', 'bench/native'];

/** Every C++ file is laid out as .clang-format says. `.inc` tables are aligned by hand. */
export function checkNativeFormat(root: string): string[] {
  const files = folders.flatMap((folder) => listFiles(root, folder, /\.(?:cc|h)$/));
  if (files.length === 0) return ['no C++ file was found'];
  const done = capture([cppTool('clang-format'), '--dry-run', '--Werror', ...files], { cwd: root });
  if (done.status === 0) return [];
  const faults = done.stderr.split('\n').filter((line) => line.includes('error:'));
  const unformatted = [...new Set(faults.map((line) => line.split(':')[0]!))];
  return unformatted.map((file) => `${path.relative(root, path.resolve(root, file))}: run npm run format`);
}

/** Lays out every C++ file. */
export function formatNative(root: string): void {
  const files = folders.flatMap((folder) => listFiles(root, folder, /\.(?:cc|h)$/));
  capture([cppTool('clang-format'), '-i', ...files], { cwd: root });
}

/**
 * Whether a computer can compile a file: kernels with intrinsics are named `<arch>_<isa>.cc`, and the headers of another
 * architecture's are not there.
 *
 * @param file - path below the root
 * @param architecture - as `process.arch` names it
 */
export function isCompiledOn(file: string, architecture: string): boolean {
  const wanted = /^(x86|arm)_\w+\.cc$/.exec(path.basename(file))?.[1];
  return wanted === undefined || wanted === (architecture === 'arm64' ? 'arm' : 'x86');
}

/** clang-tidy with the checks of .clang-tidy over the files of native/ that this computer compiles, two at a time. */
export async function checkNativeTidy(root: string): Promise<string[]> {
  const folder = configureVariant({ name: 'debug', buildType: 'Debug', options: {}, targets: [] });
  const files = listFiles(root, 'native', /\.cc$/).filter((file) => isCompiledOn(file, process.arch));
  const problems: string[] = [];
  const tidy = async (file: string) => {
    const flags = [
      // The path-sensitive checks take longest, and these files are AVX2's templates once more.
      ...(file.endsWith('_avx512.cc') ? ['--checks=-clang-analyzer-*'] : []),
      // GCC's flags that clang does not know are no fault of the source.
      '--extra-arg=-Wno-unknown-warning-option',
      '--extra-arg=-Wno-ignored-optimization-argument',
    ];
    const done = await captureLater([cppTool('clang-tidy'), '--quiet', '-p', folder, ...flags, file], {
      cwd: root,
    });
    const lines = done.stdout.split('\n').filter((line) => /: (?:warning|error): /.test(line));
    problems.push(...lines.map((line) => line.replace(`${root}/`, '')));
    if (done.status !== 0 && lines.length === 0)
      problems.push(`${file}: clang-tidy ended with exit code ${done.status}`);
  };
  const queue = [...files];
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) await tidy(file);
  };
  await Promise.all([worker(), worker()]);
  return [...new Set(problems)].sort();
}
