import type { KernelRow } from '../suites/kernel-rows.ts';

/** What of a benchmark's file the table needs. */
export interface ScaleResult {
  environment: { cpu: string; isa: string; date: string; command: string; commit: string };
  rows: readonly KernelRow[];
}

/** Weights that are there: the rate counts a multiplication and an addition for each of them and each row of x. */
const storedOf = (row: KernelRow) => (row.gflops! * row.medianUs! * 1e3) / (2 * row.m);

/** A line for each number of rows and threads: nanoseconds per weight and row of x, and how far the sizes lie apart. */
export function scaleTable({ environment: e, rows }: ScaleResult): string {
  const lines = new Map<string, KernelRow[]>();
  for (const row of rows) {
    if (row.medianUs === null || row.engine !== 'tfjs-sparse') continue;
    const key = `${row.m} | ${row.threads}`;
    lines.set(key, [...(lines.get(key) ?? []), row]);
  }
  const sizes = [...new Set(rows.map(({ n, k }) => `${n}x${k}`))];
  const cells = [...lines].map(([key, found]) => {
    const ns = found.map((row) => (row.medianUs! * 1e3) / (storedOf(row) * row.m));
    const times = sizes.map((size) => {
      const at = found.findIndex(({ n, k }) => `${n}x${k}` === size);
      if (at < 0) return '–';
      return `${ns[at]!.toPrecision(3)} ns (${(storedOf(found[at]!) / 1e6).toFixed(1)} M in ${(found[at]!.medianUs! / 1e3).toPrecision(3)} ms)`;
    });
    return `| ${key} | ${times.join(' | ')} | ${(Math.max(...ns) / Math.min(...ns)).toFixed(2)} |`;
  });
  return [
    `| M | threads | ${sizes.join(' | ')} | most / least |`,
    `| ---: | ---: | ${sizes.map(() => '---').join(' | ')} | ---: |`,
    ...cells,
    '',
    `Time per stored weight and row of x. ${e.cpu}, kernels \`${e.isa}\`; commit ${e.commit}, ${e.date.slice(0, 10)}; \`${e.command}\`.`,
  ].join('\n');
}
