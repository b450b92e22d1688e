import type { KernelRow } from '../suites/kernel-rows.ts';

/** How many times two threads are as fast as one, our engine at 4096x4096 and 90 % zeros, in Markdown. */
export function threadTable({ rows }: { rows: readonly KernelRow[] }): string {
  const own = rows.filter(
    (row) =>
      row.engine === 'tfjs-sparse' &&
      row.n === 4096 &&
      row.k === 4096 &&
      row.sparsity === 0.9 &&
      row.structure === 'unstructured' &&
      row.storage === 'float32',
  );
  const time = (level: string, m: number, threads: number) =>
    own.find((row) => row.level === level && row.m === m && row.threads === threads)?.medianUs;
  const ratio = (level: string, m: number) => {
    const [one, two] = [time(level, m, 1), time(level, m, 2)];
    return one && two ? `${(one / two).toFixed(2)}×` : '–';
  };
  const ms = [...new Set(own.filter((row) => row.threads === 2).map((row) => row.m))].sort((a, b) => a - b);
  return [
    '| M | kernel | call |',
    '| ---: | ---: | ---: |',
    ...ms.map((m) => `| ${m} | ${ratio('kernel', m)} | ${ratio('call', m)} |`),
  ].join('\n');
}
