import { expect, it } from 'vitest';
import type { KernelRow } from '../../bench/suites/kernel-rows.ts';
import { scaleTable } from '../../bench/table/scale-table.ts';

const environment = {
  cpu: 'a CPU',
  isa: 'avx2_fma',
  date: '2026-11-22T00:00:00Z',
  command: 'x',
  commit: 'c0ffee',
};

/** A row that took `ns` for each of `millions` of weights and each row of x. */
function row(n: number, m: number, millions: number, ns: number | null): KernelRow {
  const medianUs = ns === null ? null : millions * 1e3 * m * ns;
  return {
    engine: 'tfjs-sparse',
    level: 'call',
    n,
    k: 100,
    m,
    sparsity: 0.7,
    structure: 'unstructured',
    storage: 'float32',
    threads: 1,
    isa: 'avx2_fma',
    medianUs,
    madUs: 0,
    samples: 5,
    gflops: ns === null ? null : 2 / ns,
    denseEquivalentGflops: null,
    limit: null,
    shareOfLimit: null,
  };
}

it('gives the time per weight of each size, and how far they lie apart', () => {
  const rows = [row(10, 1, 20, 0.2), row(10, 64, 20, 0.04), row(20, 1, 40, 0.25), row(20, 64, 40, null)];
  expect(scaleTable({ environment, rows }).split('\n').slice(0, 4)).toEqual([
    '| M | threads | 10x100 | 20x100 | most / least |',
    '| ---: | ---: | --- | --- | ---: |',
    '| 1 | 1 | 0.200 ns (20.0 M in 4.00 ms) | 0.250 ns (40.0 M in 10.0 ms) | 1.25 |',
    '| 64 | 1 | 0.0400 ns (20.0 M in 51.2 ms) | – | 1.00 |',
  ]);
});
