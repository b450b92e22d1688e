import { existsSync } from 'node:fs';
import path from 'node:path';
import { capture, run, say } from './process.ts';

/** A program or header of the system that we use, and the package of Debian and Ubuntu that has it. */
export interface SystemNeed {
  what: string;
  package: string;
  isThere(): boolean;
}

const programRuns = (program: string) => () => capture([program, '--version']).status === 0;

/** Whether the C++ compiler finds a header. */
function hasHeader(header: string): boolean {
  const compiler = process.env.CXX ?? 'c++';
  const probe = `echo '#include <${header}>' | ${compiler} -std=c++17 -mavx2 -mfma -fsyntax-only -x c++ -`;
  return capture(['sh', '-c', probe]).status === 0;
}

export const compiler: SystemNeed = {
  what: 'a C++17 compiler',
  package: 'g++',
  isThere: programRuns(process.env.CXX ?? 'c++'),
};
export const cmake: SystemNeed = { what: 'CMake', package: 'cmake', isThere: programRuns('cmake') };
export const make: SystemNeed = {
  what: 'a build tool for CMake',
  package: 'make',
  isThere: () => programRuns('make')() || programRuns('ninja')(),
};
export const pip: SystemNeed = {
  what: "Python's pip",
  package: 'python3-pip',
  isThere: () => capture([process.env.PYTHON ?? 'python3', '-m', 'pip', '--version']).status === 0,
};
export const clang: SystemNeed = { what: 'Clang', package: 'clang', isThere: programRuns('clang++') };
export const fuzzerRuntime: SystemNeed = {
  what: "Clang's fuzzer and sanitizers",
  package: 'libclang-rt-dev',
  isThere: () => {
    const program =
      'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }';
    const link = `echo '${program}' | clang++ -fsanitize=fuzzer,address -x c++ - -o /dev/null`;
    return capture(['sh', '-c', link]).status === 0;
  },
};
export const googletest: SystemNeed = {
  what: 'GoogleTest',
  package: 'libgtest-dev',
  isThere: () => hasHeader('gtest/gtest.h'),
};
export const simde: SystemNeed = {
  what: 'SIMDe',
  package: 'libsimde-dev',
  isThere: () => hasHeader('simde/x86/avx512.h'),
};

export const xnnpack: SystemNeed = {
  what: 'XNNPACK',
  package: 'libxnnpack-dev',
  isThere: () => hasHeader('xnnpack.h'),
};
export const pthreadpool: SystemNeed = {
  what: "XNNPACK's pool of threads",
  package: 'libpthreadpool-dev',
  isThere: () => hasHeader('pthreadpool.h'),
};
export const libxsmm: SystemNeed = {
  what: 'LIBXSMM',
  package: 'libxsmm-dev',
  isThere: () => hasHeader('libxsmm.h'),
};
/** Where Debian and Ubuntu put GoogleTest's sources: to be compiled for an architecture that has no library of it here. */
export const googletestSources = '/usr/src/googletest/googletest';
export const googletestForCrossBuilds: SystemNeed = {
  what: "GoogleTest's sources",
  package: 'googletest',
  isThere: () => existsSync(path.join(googletestSources, 'CMakeLists.txt')),
};
export const arm64Compiler: SystemNeed = {
  what: 'a C++ compiler for arm64',
  package: 'g++-aarch64-linux-gnu',
  isThere: programRuns('aarch64-linux-gnu-g++'),
};
export const arm64Emulator: SystemNeed = {
  what: 'an emulator of arm64 programs',
  package: 'qemu-user-static',
  isThere: programRuns('qemu-aarch64-static'),
};

/** A file that only one package brings. */
const fileOf = (what: string, name: string, file: string): SystemNeed => ({
  what,
  package: name,
  isThere: () => existsSync(file),
});
/** What `runners/emulated-machine.ts` starts. */
export const emulatedMachine: readonly SystemNeed[] = [
  fileOf('an emulator of x86 machines', 'bochs', '/usr/bin/bochs'),
  {
    what: "that emulator's screen as text",
    package: 'bochs-term',
    isThere: () => capture(['sh', '-c', 'ls /usr/lib/*/bochs/plugins/libbx_term_gui.so']).status === 0,
  },
  fileOf("that emulator's BIOS", 'bochsbios', '/usr/share/bochs/BIOS-bochs-latest'),
  fileOf('a BIOS of screens', 'vgabios', '/usr/share/vgabios/vgabios.bin'),
  fileOf('a boot loader for CDs', 'isolinux', '/usr/lib/ISOLINUX/isolinux.bin'),
  fileOf("that boot loader's library", 'syslinux-common', '/usr/lib/syslinux/modules/bios/ldlinux.c32'),
  { what: 'a writer of CDs', package: 'xorriso', isThere: programRuns('xorriso') },
  { what: 'cpio', package: 'cpio', isThere: programRuns('cpio') },
];
export const disassembler: SystemNeed = {
  what: 'a disassembler',
  package: 'binutils',
  isThere: programRuns('objdump'),
};
export const machineCodeAnalyzer: SystemNeed = {
  what: "LLVM's analyzer of machine code",
  package: 'llvm-19',
  isThere: programRuns('llvm-mca-19'),
};

/**
 * Installs with apt-get what is missing, where this user may; else says what to install.
 *
 * @throws Error that names the missing packages
 */
export function ensureSystemPackages(needs: readonly SystemNeed[]): void {
  const missing = needs.filter((need) => !need.isThere());
  if (missing.length === 0) return;
  const packages = missing.map((need) => need.package);
  if (process.getuid?.() === 0 && capture(['apt-get', '--version']).status === 0) {
    say('system', `installing ${packages.join(', ')}`);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    capture(['apt-get', 'update', '-qq'], { env });
    run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
  }
  const still = needs.filter((need) => !need.isThere());
  if (still.length === 0) return;
  const names = still.map((need) => `${need.what} (Debian, Ubuntu: ${need.package})`);
  throw new Error(`missing on this machine: ${names.join(', ')}. Please install and run this again.`);
}
