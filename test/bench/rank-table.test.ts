import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RankRow } from '../../bench/suites/rank-rows.ts';
import { type RankResult, rankTable } from '../../bench/table/rank-table.ts';
import { withTable } from '../../scripts/readme/marked-table.ts';

const environment = {
  cpu: 'a CPU',
  isa: 'avx2_fma',
  date: '2026-11-22T00:00:00Z',
  command: 'x',
  commit: 'c0ffee',
};

function row(engine: string, medianUs: number | null, more: Partial<RankRow> = {}): RankRow {
  const work = { operation: 'kth', distribution: 'random', n: 8, k: 4, sparsity: 0.9, threads: 1 };
  const measured = { isa: null, madUs: 0, samples: 11, reads: 1.256, shareOfCopy: null };
  return { engine, ...work, ...measured, medianUs, ...more };
}

it('gives each case a line with our best time and how many times it the rivals take', () => {
  const rows = [
    row('numpy', 30_000),
    row('tfjs-node', 9e5),
    row('tfjs-node topk', 6e5),
    row('torch', null),
    row('tfjs-sparse', 3_000),
    row('copy', 2_500, { operation: 'apply' }),
    row('tfjs-sparse', 9_000, { operation: 'apply', shareOfCopy: 0.31 }),
    row('tfjs-sparse into out', 3_000, { operation: 'apply', shareOfCopy: 0.9375 }),
    row('numpy', 5, { operation: 'norms' }),
  ];
  const lines = rankTable({ environment, rows }).split('\n');
  expect(lines.slice(2, 5)).toEqual([
    '| k-th magnitude, normal | 8x4 | 1 | 3.00 ms | 1.26 | 30.0 ms (10.0×) | – | – | 600 ms (200×) |',
    "| mask applied, normal | 8x4 | 1 | 3.00 ms, 94 % of a copy's rate | 1.26 | – | – | – | – |",
    '',
  ]);
});

it("is on the benchmarks' page as its result has it", () => {
  const result = JSON.parse(readFileSync('docs/results/rank.json', 'utf8')) as RankResult;
  const page = readFileSync('docs/benchmarks.md', 'utf8');
  expect(withTable(page, rankTable(result), 'rank table')).toBe(page);
  expect(result.rows.filter((r) => r.engine === 'tfjs-sparse').length).toBeGreaterThan(10);
});
