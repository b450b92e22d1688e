import { expect, it } from 'vitest';
import type { KernelRow } from '../../bench/suites/kernel-rows.ts';
import { shareTable } from '../../bench/table/share-table.ts';
import { storageTable } from '../../bench/table/storage-table.ts';
import { threadTable } from '../../bench/table/thread-table.ts';

function row(more: Partial<KernelRow>): KernelRow {
  return {
    engine: 'tfjs-sparse',
    level: 'kernel',
    n: 1024,
    k: 1024,
    m: 64,
    sparsity: 0.9,
    structure: 'unstructured',
    storage: 'float32',
    threads: 1,
    isa: 'avx2_fma',
    medianUs: 10,
    madUs: 0,
    samples: 11,
    gflops: 40,
    denseEquivalentGflops: 400,
    limit: 'load-bound peak 32x1',
    shareOfLimit: 0.8,
    ...more,
  };
}

it('gives the share of what binds a row, and that of the peak where the peak is asked about', () => {
  const block = {
    structure: 'block4',
    limit: 'load-bound peak 24x4',
    shareOfLimit: 0.99,
    gflops: 81,
  } as const;
  const table = shareTable({
    limits: { fma: 90 },
    rows: [
      row({}),
      row({ n: 512, shareOfLimit: 0.2 }),
      row({ n: 300, shareOfLimit: 0.01 }),
      row({ threads: 2, shareOfLimit: 0.01 }),
      row({ level: 'call', shareOfLimit: 0.01 }),
      row({ storage: 'int8', shareOfLimit: 0.01 }),
      row(block),
    ],
  });
  expect(table).toContain(
    '| unstructured, 90 % | 64 | 2 | load-bound peak 32x1 | 0.40 (0.20 – 0.80) | 0.85 |',
  );
  expect(table).toContain('| block 4, 90 % | 64 | 1 | FMA peak | 0.90 (0.90 – 0.90) | 0.95 |');
  expect(table).toContain('| dense | 256 | 0 | FMA peak | – | 0.95 |');
});

it("takes the highest peak that any of a file's runs measured", () => {
  const block = { structure: 'block4', gflops: 81 } as const;
  // Another run, whose dense row reached 90 of 100 GFLOP/s, against 90 in the last.
  const dense = row({ structure: 'dense', sparsity: 0, limit: 'fma peak', gflops: 90, shareOfLimit: 0.9 });
  const table = shareTable({ limits: { fma: 90 }, rows: [row(block), dense] });
  expect(table).toContain('| block 4, 90 % | 64 | 1 | FMA peak | 0.81 (0.81 – 0.81) | 0.95 |');
});

it('compares one thread with two where both were timed', () => {
  const at = (m: number, threads: number, medianUs: number, level: KernelRow['level'] = 'kernel') =>
    row({ n: 4096, k: 4096, m, threads, medianUs, level });
  const rows = [at(16, 1, 38), at(16, 2, 20), at(1, 1, 30), at(1, 2, 20), at(1, 2, 10, 'call'), at(64, 1, 5)];
  expect(threadTable({ rows }).split('\n').slice(2)).toEqual(['| 1 | 1.50× | – |', '| 16 | 1.90× | – |']);
});

it('compares storages of the same weights, where all were timed', () => {
  const at = (storage: string, medianUs: number, more: Partial<KernelRow> = {}) =>
    row({ n: 4096, k: 4096, m: 1, storage, medianUs, ...more });
  const rows = [at('float32', 2000), at('bfloat16', 1000), at('int8', 625), at('float32', 9, { m: 64 })];
  expect(storageTable({ rows }).split('\n').slice(2)).toEqual([
    '| unstructured, 90 % | 1 | 2,000 µs | 1,000 µs (2.00×) | 625 µs (3.20×) |',
  ]);
});
