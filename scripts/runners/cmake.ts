import path from 'node:path';
import { capture, root, run } from '../setup/process.ts';
import { cmake, compiler, ensureSystemPackages, make } from '../setup/system-packages.ts';

/** A CMake build folder beside the one of the addon that ships. */
export interface Variant {
  /** The folder is `build-<name>`. */
  name: string;
  buildType: 'Debug' | 'Release' | 'RelWithDebInfo';
  /** CMake definitions without `-D`. */
  options: Readonly<Record<string, string>>;
  targets: readonly string[];
}

/** Configures and builds. @returns the build folder */
export function buildVariant(variant: Variant): string {
  ensureSystemPackages([compiler, cmake, make]);
  const folder = configureVariant(variant);
  run(['cmake', '--build', folder, '-j', '2', '--target', ...variant.targets]);
  return folder;
}

/** Configures only, which writes compile_commands.json. @returns the build folder */
export function configureVariant(variant: Variant): string {
  const folder = path.join(root, `build-${variant.name}`);
  const generator = capture(['ninja', '--version']).status === 0 ? ['-G', 'Ninja'] : [];
  // Sanitizers change what the compiler sees, and some of its warnings are wrong then.
  const strict = variant.options.SPARSE_SANITIZE ? 'OFF' : 'ON';
  const options = { CMAKE_BUILD_TYPE: variant.buildType, SPARSE_WERROR: strict, ...variant.options };
  const definitions = Object.entries(options).map(([name, value]) => `-D${name}=${value}`);
  const done = capture(['cmake', '-S', root, '-B', folder, ...generator, ...definitions]);
  if (done.status !== 0)
    throw new Error(`cmake could not configure ${folder}:\n${done.stdout}${done.stderr}`);
  return folder;
}
