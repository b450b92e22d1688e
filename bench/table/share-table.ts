import type { WeightStructure } from '../cases/product-case.ts';
import type { KernelRow } from '../suites/kernel-rows.ts';
import { geometricMean } from './geometric-mean.ts';

/** One line: kernels of a kind against the limit that is asked about. */
interface ShareRow {
  title: string;
  structure: WeightStructure;
  sparsity: number;
  m: readonly number[];
  /** The limit that binds the row, or the peak of fused multiply-adds whatever binds it. */
  of: 'its limit' | 'FMA peak';
  goal: number;
}

const shareRows: readonly ShareRow[] = [
  {
    title: 'unstructured, 90 %',
    structure: 'unstructured',
    sparsity: 0.9,
    m: [64, 256],
    of: 'its limit',
    goal: 0.85,
  },
  { title: 'block 4, 90 %', structure: 'block4', sparsity: 0.9, m: [64, 256], of: 'FMA peak', goal: 0.95 },
  { title: 'dense', structure: 'dense', sparsity: 0, m: [64, 256], of: 'FMA peak', goal: 0.95 },
  {
    title: 'unstructured, 90 %',
    structure: 'unstructured',
    sparsity: 0.9,
    m: [1],
    of: 'its limit',
    goal: 0.6,
  },
  { title: 'balanced, 90 %', structure: 'balanced', sparsity: 0.9, m: [1], of: 'its limit', goal: 0.85 },
];

/** What of a benchmark's file the table needs. */
export interface ShareResult {
  limits?: { fma: number };
  rows: readonly KernelRow[];
}

/** The highest peak of multiply-adds, GFLOP/s: each run that filled the file measured it, and other work can only lower it. */
function fmaPeak({ limits, rows }: ShareResult): number | undefined {
  const bound = rows.filter(
    (row) => row.limit === 'fma peak' && row.gflops !== null && row.shareOfLimit !== null,
  );
  const peaks = bound.map((row) => row.gflops! / row.shareOfLimit!);
  if (limits) peaks.push(limits.fma);
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}

/** Shares of the machine's limits that our kernels reach, level `kernel`, shapes from 512 on, in Markdown. */
export function shareTable(result: ShareResult): string {
  const { rows } = result;
  const peak = fmaPeak(result);
  const own = rows.filter(
    ({ engine, level, n, k, storage, threads }) =>
      engine === 'tfjs-sparse' &&
      level === 'kernel' &&
      n >= 512 &&
      k >= 512 &&
      storage === 'float32' &&
      threads === 1,
  );
  const lines = shareRows.flatMap((line) =>
    line.m.map((m) => {
      const found = own.filter(
        (row) => row.structure === line.structure && row.sparsity === line.sparsity && row.m === m,
      );
      const shares = found.flatMap((row) => {
        if (line.of === 'its limit') return row.shareOfLimit ?? [];
        return row.gflops !== null && peak ? row.gflops / peak : [];
      });
      const limit = line.of === 'FMA peak' ? line.of : [...new Set(found.map((row) => row.limit))].join(', ');
      const text =
        shares.length === 0
          ? '–'
          : `${geometricMean(shares).toFixed(2)} (${Math.min(...shares).toFixed(2)} – ${Math.max(...shares).toFixed(2)})`;
      return `| ${[line.title, m, shares.length, limit, text, line.goal.toFixed(2)].join(' | ')} |`;
    }),
  );
  return [
    '| weights | M | cells | limit | share | goal |',
    '| --- | ---: | ---: | --- | --- | ---: |',
    ...lines,
  ].join('\n');
}
