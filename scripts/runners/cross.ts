import {
  arm64Compiler,
  arm64Emulator,
  googletestForCrossBuilds,
  googletestSources,
  type SystemNeed,
} from '../setup/system-packages.ts';

/** A build for another architecture, and how its programs run on this machine. */
export interface CrossTarget {
  /** As `process.arch` names it. */
  architecture: string;
  needs: readonly SystemNeed[];
  /** CMake definitions without `-D`. */
  definitions: Readonly<Record<string, string>>;
  /** What a program of the target is started with. */
  prefix: readonly string[];
  /** How its programs run, for the report. */
  way: string;
  /** The binutils program that lists an object's symbols. */
  nm: string;
}

/** Debian's cross compiler, its C library, and QEMU's user-mode emulation: Linux on arm64. */
export const arm64: CrossTarget = {
  architecture: 'arm64',
  needs: [arm64Compiler, arm64Emulator, googletestForCrossBuilds],
  definitions: {
    CMAKE_SYSTEM_NAME: 'Linux',
    CMAKE_SYSTEM_PROCESSOR: 'aarch64',
    CMAKE_C_COMPILER: 'aarch64-linux-gnu-gcc',
    CMAKE_CXX_COMPILER: 'aarch64-linux-gnu-g++',
    // It notes, at every pair of floats, that GCC 10 changed how such arguments are passed.
    CMAKE_CXX_FLAGS: '-Wno-psabi',
    SPARSE_GOOGLETEST: googletestSources,
  },
  prefix: ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'],
  way: "under QEMU's user-mode emulation",
  nm: 'aarch64-linux-gnu-nm',
};
