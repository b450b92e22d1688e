import path from 'node:path';
import { buildBesideAddon } from '../setup/build-native.ts';
import { ensureSystemPackages, googletest, simde } from '../setup/system-packages.ts';
import { oneCase, sum, type Tally } from '../setup/tally.ts';
import { buildVariant, type Variant } from './cmake.ts';
import type { CrossTarget } from './cross.ts';
import { type GoogleTestRun, runGoogleTest } from './googletest.ts';
import { casesPerIsa, cpuHasAvx512, expectedIsas } from './isas.ts';

export interface NativeTestOptions {
  /** Build folder's name after `build-`; default: the addon's own folder, for most objects are the same. */
  variant?: string;
  buildType?: Variant['buildType'];
  /** Value of SPARSE_SANITIZE. */
  sanitize?: string;
  env?: NodeJS.ProcessEnv;
  /** Program to start the tests with. */
  prefix?: readonly string[];
  args?: readonly string[];
  /** CMake's regular expression: only the test files whose path it matches. Default: all. */
  files?: string;
  /** Another architecture, whose programs are emulated. */
  cross?: CrossTarget;
  /** Only the kernels that this CPU runs, and no count of instruction sets: for tests of something else than kernels. */
  nativeIsasOnly?: boolean;
}

/**
 * Builds and runs the native tests. Kernels of every instruction set of this architecture take part: where the CPU
 * lacks AVX-512, those kernels are built on SIMDe, which gives the same results slowly. An instruction set without a
 * single case is a failure, never a silent pass.
 */
export async function runNativeTests(options: NativeTestOptions): Promise<Tally> {
  const { cross } = options;
  ensureSystemPackages(cross?.needs ?? (emulates(options) ? [googletest, simde] : [googletest]));
  const build = nativeTestVariant(options);
  const folder =
    options.variant === undefined ? buildBesideAddon('native_tests', build.options) : buildVariant(build);
  const program = [...(cross?.prefix ?? options.prefix ?? []), path.join(folder, 'native_tests')];
  const { tally, ran } = await runGoogleTest(program, path.join(folder, 'tests.json'), {
    env: options.env,
    args: options.args,
  });
  return sum([tally, ...(options.nativeIsasOnly ? [] : reportIsas(ran, options))]);
}

/** Whether AVX-512 kernels are built on SIMDe. */
const emulates = ({ nativeIsasOnly = false, cross }: NativeTestOptions) =>
  !nativeIsasOnly && cross === undefined && process.arch === 'x64' && !cpuHasAvx512();

/** The build in which the native tests lie. */
export function nativeTestVariant(options: NativeTestOptions): Variant {
  return {
    name: options.variant ?? '',
    buildType: options.buildType ?? 'Release',
    options: {
      SPARSE_TESTS: 'ON',
      SPARSE_TEST_FILES: options.files ?? '',
      SPARSE_AVX512: options.nativeIsasOnly && !cpuHasAvx512() ? 'OFF' : 'ON',
      SPARSE_EMULATE_AVX512: emulates(options) ? 'ON' : 'OFF',
      SPARSE_SANITIZE: options.sanitize ?? '',
      ...options.cross?.definitions,
    },
    targets: ['native_tests'],
  };
}

/** Prints which way each instruction set ran. @returns a failure for each that no case tested */
function reportIsas(ran: GoogleTestRun['ran'], options: NativeTestOptions): Tally[] {
  const missing: Tally[] = [];
  const usual = options.cross?.way ?? 'on this CPU';
  for (const [isa, cases] of casesPerIsa(ran, expectedIsas(options.cross?.architecture ?? process.arch))) {
    const way = isa === 'avx512' && emulates(options) ? 'on SIMDe, this CPU has no AVX-512' : usual;
    console.log(`kernels ${isa}: ${cases === 0 ? 'NOT TESTED' : `${cases} cases, ${way}`}`);
    if (cases === 0) missing.push(oneCase(`no case tested ${isa}`, false));
  }
  return missing;
}
