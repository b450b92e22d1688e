import path from 'node:path';
import { capture } from '../setup/process.ts';
import { listFiles } from './files.ts';

/** What one object file exports to other files or runs by itself. @param symbols - output of `nm` without `-C` */
export function objectFaults(object: string, symbols: string): string[] {
  const problems: string[] = [];
  for (const line of symbols.split('\n')) {
    const match = /^[0-9a-f]*\s+([A-Za-z])\s+(\S+)$/.exec(line.trim());
    if (match === null) continue;
    const [, kind = '', name = ''] = match;
    if (name === 'DW.ref.__gxx_personality_v0') continue; // a pointer, no code; any function with clean-up has it
    if (/[VvWwu]/.test(kind)) {
      problems.push(`${object}: weak symbol ${name}: the linker may give it to every CPU. Make it internal.`);
    }
    if (/^_GLOBAL__|^__cxx_global_var_init|^_Z\d*__static_initialization/.test(name)) {
      problems.push(`${object}: ${name} runs at start-up, on every CPU. Use constexpr or a function.`);
    }
  }
  return problems;
}

/**
 * Reads the objects of files compiled for one instruction set. The build must be a Debug one, in which nothing is
 * inlined away, so that a shared function shows.
 *
 * @param folder - CMake build folder
 * @param nm - the binutils program for its architecture
 */
export function checkObjects(folder: string, nm = 'nm'): string[] {
  const objects = listFiles(folder, 'CMakeFiles', /^(?:x86|arm|wasm)_\w+\.cc\.o(?:bj)?$/);
  if (objects.length === 0) return [`${folder}: no object of an instruction set was found`];
  return objects.flatMap((object) => {
    const symbols = capture([nm, path.join(folder, object)]);
    if (symbols.status !== 0) return [`${object}: ${nm} failed: ${symbols.stderr.trim()}`];
    const startUp = capture(['readelf', '-S', '-W', path.join(folder, object)]).stdout.includes(
      '.init_array',
    );
    const faults = objectFaults(object, symbols.stdout);
    if (startUp && faults.length === 0) faults.push(`${object}: has a section of start-up functions`);
    return faults;
  });
}
