// npm run estimate:avx512: what llvm-mca expects of the kernels' inner loops, in cycles per fused multiply-add, for CPUs that
// are not at hand. It takes the machine code of the objects that ship; every load hits the L1 cache. How far that is from
// measured times: docs/decisions/0018.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildRealAvx512 } from './runners/avx512-tests.ts';
import { capture } from './setup/process.ts';
import { disassembler, ensureSystemPackages, machineCodeAnalyzer } from './setup/system-packages.ts';

/** A loop: its object, its function, and how many multiply-adds one turn has. */
type Loop = readonly [what: string, object: string, name: string, multiplyAdds: number];

const loops: readonly Loop[] = [
  ['spmv window 8x16, M = 1', 'spmv/x86_avx2_fma', 'spmv_window_f32_minmax_8x16__', 8],
  ['spmv window 16x32, M = 1', 'spmv/x86_avx512', 'spmv_window_f32_minmax_16x32__', 6],
  ['spmv window 8x16, M = 2', 'spmv/x86_avx2_fma', 'spmv_window_f32_minmax_8x16__', 16],
  ['spmv window 16x32, M = 2', 'spmv/x86_avx512', 'spmv_window_f32_minmax_16x32__', 12],
  ['spmv window 8x16, M = 4', 'spmv/x86_avx2_fma', 'spmv_window_f32_minmax_8x16__', 32],
  ['spmv window 16x32, M = 4', 'spmv/x86_avx512', 'spmv_window_f32_minmax_16x32__', 24],
  ['spmv dense, four rows', 'spmv/x86_avx2_fma', 'spmv_dense_f32_minmax_24__', 12],
  ['spmv dense, four rows', 'spmv/x86_avx512', 'spmv_dense_f32_minmax_48__', 12],
  ['spmm csr 8x1, 4 outputs', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 1, 1, false>', 16],
  ['spmm csr 16x1, 2 outputs', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 2, 1, false>', 16],
  ['spmm csr 32x1, 2 outputs', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 4, 1, false>', 32],
  ['spmm csr 16x1, 4 outputs', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 1, 1, false>', 16],
  ['spmm csr 32x1, 3 outputs', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 2, 1, false>', 24],
  ['spmm csr 64x1, 3 outputs', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 4, 1, false>', 48],
  ['spmm bsr 8x2', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 1, 2, false>', 8],
  ['spmm bsr 16x2', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 1, 2, false>', 8],
  ['spmm bsr 32x2', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 4, 2, false>', 8],
  ['spmm bsr 64x2', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 4, 2, false>', 8],
  ['spmm bsr 8x4', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 1, 4, false>', 8],
  ['spmm bsr 16x4', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 1, 4, false>', 8],
  ['spmm bsr 24x4', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 3, 4, false>', 12],
  ['spmm bsr 64x4', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 4, 4, false>', 16],
  ['spmm bsr 8x8', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 1, 8, false>', 8],
  ['spmm bsr 16x8', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 1, 8, false>', 8],
  ['spmm bsr 48x8', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 3, 8, false>', 24],
  ['spmm dense 8x8', 'spmm/x86_avx2_fma', 'spmm_dense_f32_minmax_8x8__', 16],
  ['spmm dense 16x8', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 1, 8, true>', 16],
  ['spmm dense 24x4', 'spmm/x86_avx2_fma', 'spmm_tile<WeightF32, 3, 4, true>', 48],
  ['spmm dense 96x4', 'spmm/x86_avx512', 'spmm_tile<WeightF32, 6, 4, true>', 24],
  ['spmm slices 8x8', 'spmm/x86_avx2_fma', 'spmm_slices<WeightF32, 1, 8>', 8],
  ['spmm slices 16x4', 'spmm/x86_avx2_fma', 'spmm_slices<WeightF32, 2, 4>', 8],
  ['spmm slices 24x4', 'spmm/x86_avx2_fma', 'spmm_slices<WeightF32, 3, 4>', 12],
  ['spmm slices 16x8', 'spmm/x86_avx512', 'spmm_slices<WeightF32, 1, 8>', 8],
];

interface Cpu {
  name: string;
  /** Instructions that it takes in a cycle; a multiply-add that loads is one, and so are a comparison and its jump. */
  width: number;
}

/** Intel's units are those of llvm-mca; `znver4` is corrected below. */
const cpus: readonly Cpu[] = [
  { name: 'znver4', width: 6 },
  { name: 'skylake-avx512', width: 4 },
  { name: 'icelake-server', width: 5 },
  { name: 'sapphirerapids', width: 6 },
];

interface Instruction {
  address: number;
  text: string;
}

function disassemble(folder: string, object: string): Map<string, Instruction[]> {
  const file = `${folder}/CMakeFiles/sparse_${path.basename(object)}.dir/native/kernels/${object}.cc.o`;
  const { stdout } = capture(['objdump', '-d', '-C', '--no-show-raw-insn', file]);
  const functions = new Map<string, Instruction[]>();
  let body: Instruction[] = [];
  for (const line of stdout.split('\n')) {
    const name = /^[0-9a-f]+ <(.*)>:$/.exec(line)?.[1];
    const found = /^\s+([0-9a-f]+):\s+([^#]*)/.exec(line);
    if (name) {
      body = [];
      functions.set(name.replace(/tfjs_sparse::(\(anonymous namespace\)::)?/g, ''), body);
    } else if (found) body.push({ address: Number.parseInt(found[1]!, 16), text: found[2]!.trim() });
  }
  return functions;
}

const multiplyAdds = (body: readonly Instruction[], kind = /^vfn?madd/) =>
  body.filter(({ text }) => kind.test(text)).length;
/** The same loop over fewer outputs or rows has more multiply-adds that load, or more instructions. */
const cost = (body: readonly Instruction[]) => body.length + multiplyAdds(body, /^vfn?madd.*\(/);

/** The cheapest of a function's innermost loops (jumps back without one between) with that many multiply-adds. */
function innerLoop(body: readonly Instruction[], count: number): Instruction[] {
  const target = ({ text }: Instruction) => Number.parseInt(/^j\w+\s+([0-9a-f]+)/.exec(text)?.[1] ?? '', 16);
  const jumps = body.flatMap((jump, end) => {
    const begin = body.findIndex(({ address }) => address === target(jump));
    return begin >= 0 && begin <= end ? [{ begin, end }] : [];
  });
  const inner = jumps.filter((a) => !jumps.some((b) => b !== a && b.begin >= a.begin && b.end <= a.end));
  const bodies = inner.map(({ begin, end }) => body.slice(begin, end + 1));
  const fitting = bodies.filter((one) => multiplyAdds(one) === count);
  if (fitting.length === 0)
    throw new Error(`no loop with ${count} multiply-adds: ${bodies.map((one) => multiplyAdds(one))}`);
  return fitting.sort((a, b) => cost(a) - cost(b))[0]!;
}

/**
 * LLVM 19 has Zen 4 at a quarter of the rate of 256-bit permutes and a third of that of widening loads that this machine
 * measures (two a cycle), and at twice the rate of 512-bit loads that it has (one a cycle: a second load stands for it).
 */
function forZen4(text: string): string[] {
  const load = text.includes('(') && text.includes('%zmm') && !text.startsWith('vpmovzx');
  const corrected = text
    .replace(/^vpermps(.*%ymm)/, 'vunpckhps$1')
    .replace(
      /^vpmovzx\w+\s+(.*),(%[yz]mm\d+)$/,
      (_, from, to) => `vpshufd $0,${from},${to.replace('zmm', 'ymm')}`,
    )
    .replace(/^vbroadcastss(.*\(.*%zmm)/, 'vmovups$1');
  return load ? [corrected, 'vmovups (%rsp),%xmm31'] : [corrected];
}

/** A multiply-add that loads, as two: LLVM lets some sums wait for the load, where CPUs wait with the product alone. */
function withoutLoad(text: string): string[] {
  const [, add, from, spread, register, to] =
    /^(vfn?madd\w+)\s+(\S*\([^)]*\))(\{1to\d+\})?,(%[xyz]mm\d+),(%[xyz]mm\d+)$/.exec(text) ?? [];
  if (to === undefined) return [text];
  const loaded = to.replace(/\d+$/, '31');
  return [`${spread ? 'vbroadcastss' : 'vmovups'} ${from},${loaded}`, `${add} ${loaded},${register},${to}`];
}

/** What the units take, by llvm-mca, or the instructions to come in where that is longer. */
function cyclesPerTurn(body: readonly Instruction[], { name, width }: Cpu): number {
  const lines = body.flatMap(({ text }) => {
    const plain = text.replace(/^(j\w+).*/, '$1 0').replace(/^(data16|cs)?\s*(nop).*/, 'nop');
    const parts = withoutLoad(plain);
    return name === 'znver4' ? parts.flatMap(forZen4) : parts;
  });
  const turns = 1000;
  const command = ['-mtriple=x86_64', `-mcpu=${name}`, `-iterations=${turns}`, `-dispatch=${2 * width}`];
  const done = spawnSync('llvm-mca-19', command, { input: lines.join('\n'), encoding: 'utf8' });
  const cycles = /Total Cycles:\s+(\d+)/.exec(done.stdout)?.[1];
  if (cycles === undefined) throw new Error(`llvm-mca: ${done.stderr}`);
  return Math.max(Number(cycles) / turns, (body.length - 1) / width);
}

ensureSystemPackages([disassembler, machineCodeAnalyzer]);
const folder = buildRealAvx512('sparse_core');
console.log(
  `cycles per fused multiply-add of a register${' '.repeat(7)}${cpus.map(({ name }) => name.padStart(16)).join('')}`,
);
for (const [what, object, name, count] of loops) {
  const found = [...disassemble(folder, object)].find(
    ([title]) => title.startsWith(name) || title.includes(` ${name}`),
  );
  if (found === undefined) throw new Error(`${object} has no ${name}`);
  const body = innerLoop(found[1], count);
  const cells = cpus.map((cpu) => (cyclesPerTurn(body, cpu) / count).toFixed(2).padStart(16));
  console.log(
    `${what.padEnd(28)}${object.split('x86_')[1]!.padEnd(10)}${String(body.length).padStart(4)} insns${cells.join('')}`,
  );
}
