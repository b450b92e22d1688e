import type { WeightStructure } from '../cases/product-case.ts';
import type { KernelRow } from '../suites/kernel-rows.ts';
import { productEngines } from '../suites/product-engines.ts';
import { geometricMean } from './geometric-mean.ts';

/** What one line of the table shows: cells of a kind, and what is asked of them. */
interface TableRow {
  title: string;
  sparsity: readonly number[];
  structure: WeightStructure;
  m: readonly number[];
  /** What the geometric mean, or every cell, should reach; null where no such rival is asked for. */
  dense: number | null;
  sparse: number | null;
  /** No cell should be slower than this many times the best dense rival's speed. */
  least: number;
}

const many = [1, 2, 4, 8, 16, 49, 64, 196, 256, 1024];

const tableRows: readonly TableRow[] = [
  {
    title: 'M = 1, 90 %, unstructured',
    sparsity: [0.9],
    structure: 'unstructured',
    m: [1],
    dense: 8,
    sparse: 8,
    least: 1,
  },
  {
    title: 'M = 1, 90 %, balanced',
    sparsity: [0.9],
    structure: 'balanced',
    m: [1],
    dense: 14,
    sparse: null,
    least: 1,
  },
  {
    title: 'M = 4 and 8, 90 %, unstructured',
    sparsity: [0.9],
    structure: 'unstructured',
    m: [4, 8],
    dense: 3,
    sparse: 1.5,
    least: 1,
  },
  {
    title: 'M = 16, 90 %, unstructured',
    sparsity: [0.9],
    structure: 'unstructured',
    m: [16],
    dense: 3,
    sparse: 2,
    least: 1,
  },
  {
    title: 'M = 64 and 256, 90 %, unstructured',
    sparsity: [0.9],
    structure: 'unstructured',
    m: [64, 256],
    dense: 5,
    sparse: 2,
    least: 1,
  },
  {
    title: 'M = 16, 64, 256, 90 %, block 4',
    sparsity: [0.9],
    structure: 'block4',
    m: [16, 64, 256],
    dense: 8,
    sparse: null,
    least: 1,
  },
  {
    title: 'M = 1, 16, 64, 256, 70 %, unstructured',
    sparsity: [0.7],
    structure: 'unstructured',
    m: [1, 16, 64, 256],
    dense: 1.7,
    sparse: 1.4,
    least: 1,
  },
  {
    title: 'every M, 80 %, unstructured',
    sparsity: [0.8],
    structure: 'unstructured',
    m: many,
    dense: 1,
    sparse: 1,
    least: 1,
  },
  {
    title: 'every M, 60 %, unstructured',
    sparsity: [0.6],
    structure: 'unstructured',
    m: many,
    dense: 1,
    sparse: 1,
    least: 0.9,
  },
  {
    title: 'every M, 50 %, unstructured',
    sparsity: [0.5],
    structure: 'unstructured',
    m: many,
    dense: 1,
    sparse: 1,
    least: 0.9,
  },
  {
    title: 'M ≥ 16, fully dense',
    sparsity: [0],
    structure: 'dense',
    m: [16, 64, 256],
    dense: 0.9,
    sparse: null,
    least: 0.9,
  },
];

/** One cell of a row: our time against the best rival's of each kind. */
export interface CellRatio {
  n: number;
  k: number;
  m: number;
  us: number;
  dense?: { ratio: number; engine: string };
  sparse?: { ratio: number; engine: string };
}

const kindOf = new Map(productEngines.map((engine) => [engine.name, engine.kind]));
const cellKey = (row: KernelRow) =>
  [row.n, row.k, row.m, row.sparsity, row.structure, row.storage, row.threads].join();

/** The cells of one line of the table that a result has. */
function cellsOf(line: TableRow, rows: readonly KernelRow[]): CellRatio[] {
  const cells = new Map<string, KernelRow[]>();
  for (const row of rows) {
    const fits =
      row.level === 'call' &&
      row.storage === 'float32' &&
      row.threads === 1 &&
      row.structure === line.structure &&
      line.sparsity.includes(row.sparsity) &&
      line.m.includes(row.m);
    if (fits) cells.set(cellKey(row), [...(cells.get(cellKey(row)) ?? []), row]);
  }
  return [...cells.values()].flatMap((cell) => {
    const own = cell.find((row) => row.engine === 'tfjs-sparse');
    if (own?.medianUs == null) return [];
    const us = own.medianUs;
    const best = (kind: 'dense' | 'sparse') => {
      const rivals = cell.filter((row) => kindOf.get(row.engine) === kind && row.medianUs !== null);
      if (rivals.length === 0) return undefined;
      const first = rivals.reduce((a, b) => (b.medianUs! < a.medianUs! ? b : a));
      return { ratio: first.medianUs! / us, engine: first.engine };
    };
    return [{ n: own.n, k: own.k, m: own.m, us, dense: best('dense'), sparse: best('sparse') }];
  });
}

/**
 * `3.21× (0.8 – 4.4; 1 below 0.9; openvino 5, onnxruntime-node 1)`: mean, least and most of the cells, how many lie below the
 * mark, and who was best in how many.
 */
function ratioText(found: readonly { ratio: number; engine: string }[], mark: number): string {
  if (found.length === 0) return '–';
  const ratios = found.map((one) => one.ratio);
  const counts = new Map<string, number>();
  for (const { engine } of found) counts.set(engine, (counts.get(engine) ?? 0) + 1);
  const engines = [...counts].sort((a, b) => b[1] - a[1]).map(([engine, count]) => `${engine} ${count}`);
  const text = (value: number) => value.toPrecision(3);
  const below = ratios.filter((ratio) => ratio < mark).length;
  const slower = below > 0 ? `; ${below} below ${mark}` : '';
  return `${text(geometricMean(ratios))}× (${text(Math.min(...ratios))} – ${text(Math.max(...ratios))}${slower}; ${engines.join(', ')})`;
}

/** What of a benchmark's file the table needs. */
export interface KernelResult {
  environment: { cpu: string; isa: string; date: string; command: string; commit: string };
  rows: readonly KernelRow[];
}

/** The lines of the table with their cells, for whoever wants more than means. */
export function tableCells(result: KernelResult): { title: string; cells: CellRatio[] }[] {
  return tableRows.map((line) => ({ title: line.title, cells: cellsOf(line, result.rows) }));
}

/**
 * The table of geometric means over all shapes and Ms of a line, in Markdown: our `call` against the best dense and the
 * best sparse rival of each cell.
 */
export function kernelTable(result: KernelResult): string {
  const lines = tableRows.map((line) => {
    const cells = cellsOf(line, result.rows);
    const ratios = (kind: 'dense' | 'sparse') => cells.flatMap((cell) => cell[kind] ?? []);
    const wanted = (value: number | null) => (value === null ? '–' : `${value}×`);
    const texts = [
      line.title,
      String(cells.length),
      ratioText(ratios('dense'), line.least),
      wanted(line.dense),
      ratioText(ratios('sparse'), 1),
      wanted(line.sparse),
    ];
    return `| ${texts.join(' | ')} |`;
  });
  const { environment: e } = result;
  return [
    '| case | cells | faster than the best dense rival | goal | faster than the best sparse rival | goal |',
    '| --- | ---: | --- | ---: | --- | ---: |',
    ...lines,
    '',
    `Geometric mean, then least and most of the cells and which rival was the best in how many. ${e.cpu}, kernels`,
    `\`${e.isa}\`, one thread, float32; commit ${e.commit}, ${e.date.slice(0, 10)}; \`${e.command}\`.`,
  ].join('\n');
}
