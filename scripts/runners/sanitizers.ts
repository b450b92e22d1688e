import { existsSync, readFileSync } from 'node:fs';
import { capture } from '../setup/process.ts';

/** Path of one of the compiler's run-time libraries, to be loaded before Node itself. */
function runtimeLibrary(name: string): string {
  const file = capture([process.env.CXX ?? 'c++', `-print-file-name=${name}`]).stdout.trim();
  if (!existsSync(file)) throw new Error(`the compiler has no ${name}: sanitizers need GCC's libsanitizer`);
  return file;
}

/**
 * Environment of a Node that loads an addon built with address and undefined-behaviour sanitizers. Leaks are not
 * looked for: at exit, V8 leaves much behind on purpose.
 */
export function addressSanitizerEnvironment(): NodeJS.ProcessEnv {
  return {
    LD_PRELOAD: `${runtimeLibrary('libasan.so')} ${runtimeLibrary('libubsan.so')}`,
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
}

/**
 * Prefix for programs with the thread sanitizer. It wants its memory at known places; kernels that shuffle addresses
 * over more than 28 bits leave it none, so there the shuffling is switched off for the program.
 */
export function threadSanitizerPrefix(): string[] {
  const setting = '/proc/sys/vm/mmap_rnd_bits';
  const bits = existsSync(setting) ? Number(readFileSync(setting, 'utf8')) : 0;
  return bits > 28 ? ['setarch', '-R'] : [];
}
