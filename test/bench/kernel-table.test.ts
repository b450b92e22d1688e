import { expect, it } from 'vitest';
import type { KernelRow } from '../../bench/suites/kernel-rows.ts';
import { kernelTable, tableCells } from '../../bench/table/kernel-table.ts';

const environment = {
  cpu: 'a CPU',
  isa: 'avx2_fma',
  date: '2026-11-22T00:00:00Z',
  command: 'bench',
  commit: 'c0ffee',
};

function row(engine: string, medianUs: number | null, more: Partial<KernelRow> = {}): KernelRow {
  const cell = {
    n: 512,
    k: 512,
    m: 1,
    sparsity: 0.9,
    structure: 'unstructured',
    storage: 'float32',
    threads: 1,
  };
  const nothing = {
    isa: null,
    madUs: 0,
    samples: 11,
    gflops: 1,
    denseEquivalentGflops: 1,
    limit: null,
    shareOfLimit: null,
  };
  return { engine, level: 'call', ...cell, ...nothing, medianUs, ...more };
}

const rows = [
  row('tfjs-sparse', 10),
  row('tfjs-sparse', 1, { level: 'kernel' }),
  row('tfjs-sparse dense', 5),
  row('openvino', 80),
  row('torch', 90),
  row('mkl csr', 20),
  row('deepsparse', null),
  ...[row('tfjs-sparse', 10), row('torch', 20)].map((r) => ({ ...r, n: 1024 })),
];

it('compares our call with the best rival of each kind that ran, cell by cell', () => {
  const { cells } = tableCells({ environment, rows })[0]!;
  expect(cells).toEqual([
    {
      n: 512,
      k: 512,
      m: 1,
      us: 10,
      dense: { ratio: 8, engine: 'openvino' },
      sparse: { ratio: 2, engine: 'mkl csr' },
    },
    { n: 1024, k: 512, m: 1, us: 10, dense: { ratio: 2, engine: 'torch' }, sparse: undefined },
  ]);
});

it('prints geometric means with the least, the most and the best rivals', () => {
  const lines = kernelTable({ environment, rows }).split('\n');
  expect(lines[2]).toBe(
    '| M = 1, 90 %, unstructured | 2 | 4.00× (2.00 – 8.00; openvino 1, torch 1) | 8× | 2.00× (2.00 – 2.00; mkl csr 1) | 8× |',
  );
  expect(lines[3]).toBe('| M = 1, 90 %, balanced | 0 | – | 14× | – | – |');
  expect(lines.at(-1)).toContain('commit c0ffee');
});
