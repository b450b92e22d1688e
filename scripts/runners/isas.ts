import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../setup/process.ts';

const avx512Flags = ['avx512f', 'avx512dq', 'avx512bw', 'avx512vl'];

/** Whether this CPU runs AVX-512 itself; where the system does not tell, no. */
export function cpuHasAvx512(): boolean {
  if (process.arch !== 'x64' || os.platform() !== 'linux') return false;
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  return avx512Flags.every((flag) => flags.includes(flag));
}

/** Where an instruction set is found; scalar is everywhere. */
const architectures: Readonly<Record<string, string>> = { avx512: 'x64', avx2_fma: 'x64', neon: 'arm64' };

/** Instruction sets that have kernels for an architecture, named as `process.arch` does. */
export function expectedIsas(architecture: string): string[] {
  const table = readFileSync(path.join(root, 'native', 'core', 'isa.inc'), 'utf8');
  const all = [...table.matchAll(/^SPARSE_ISA\(\w+, "(\w+)"/gm)].map((match) => match[1]!);
  return all.filter((isa) => isa === 'scalar' || architectures[isa] === architecture);
}

/** Counts the cases that ran per instruction set, by what `runs_here` of test/native/support.h noted. */
export function casesPerIsa(
  ran: readonly { properties: Readonly<Record<string, unknown>> }[],
  isas: readonly string[],
): Map<string, number> {
  return new Map(isas.map((isa) => [isa, ran.filter((test) => `isa_${isa}` in test.properties).length]));
}
