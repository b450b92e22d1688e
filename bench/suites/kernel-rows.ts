import type { WeightSpec } from '../cases/product-case.ts';
import type { Row } from '../runner/run-case.ts';
import { boundOf, type Limits } from './limits.ts';
import type { ProductEngine } from './product-engines.ts';

/** One engine at one level on one case, as `--json` writes it. */
export interface KernelRow {
  engine: string;
  /** `kernel`: feature-major in and out, in a native loop. `call`: row-major Float32Array in and out, as a user calls it. */
  level: 'kernel' | 'call';
  /** Outputs. */
  n: number;
  /** Inputs. */
  k: number;
  m: number;
  /** As asked for; the case has the true count. */
  sparsity: number;
  structure: string;
  storage: string;
  threads: number;
  /** Instruction set of our kernels; null for rivals, who choose their own. */
  isa: string | null;
  /** Null for an engine that did not run: `note` says why. */
  medianUs: number | null;
  madUs: number | null;
  samples: number;
  /** Multiplications and additions with the weights that are there, per second. */
  gflops: number | null;
  /** Those that a dense matrix of this shape would need, per second. */
  denseEquivalentGflops: number | null;
  /** Name of the machine's limit that binds; null at level `call`. */
  limit: string | null;
  /** Of the limits of as many cores as there are threads. */
  shareOfLimit: number | null;
  note?: string;
}

/** What all rows of a case have in common. */
export interface KernelCell extends Omit<WeightSpec, 'seed'> {
  m: number;
  threads: number;
  isa: string;
  nonZero: number;
}

/** Name of a case: what it computes, and with what. */
export const cellName = ({ n, k, m, sparsity, structure, storage, threads, isa }: KernelCell) =>
  `product/${isa}/M=${m},N=${n},K=${k}/${structure}/${storage}/s=${sparsity}/t=${threads}`;

const storageBytes: Readonly<Record<WeightSpec['storage'], number>> = { float32: 4, bfloat16: 2, int8: 1 };

/** `32x1` out of `spmm_csr_f32_minmax_32x1__avx2_fma`, `slices 16x4` out of `spmm_slices_f32_minmax_16x4__avx2_fma`; spmv's kernels have no tile. */
export function tileOf(kernel: string): string | undefined {
  const [, format, columns, outputs] = /^spmm_(\w+?)_.*_(\d+)x(\d+)__/.exec(kernel) ?? [];
  return columns && `${format === 'slices' ? 'slices ' : ''}${columns}x${outputs}`;
}

function shareOf(cell: KernelCell, row: Row, limits: Limits): Pick<KernelRow, 'limit' | 'shareOfLimit'> {
  const kernel = String(row.facts.kernel ?? '');
  const bound = boundOf(
    {
      ...cell,
      storageBytes: storageBytes[cell.storage],
      dense: /_dense_/.test(kernel),
      tile: tileOf(kernel),
    },
    limits,
  );
  // A limit is one core's.
  return { limit: bound.limit, shareOfLimit: bound.us / cell.threads / row.medianUs! };
}

function noteOf(row: Row): string | undefined {
  const facts = Object.entries(row.facts).filter(([name]) => !['isa', 'tfjs', 'tensorflow'].includes(name));
  const texts = [...(row.note ? [row.note] : []), ...facts.map(([name, value]) => `${name} ${value}`)];
  return texts.length > 0 ? texts.join('; ') : undefined;
}

/** @param limits - needed at level `kernel` only */
export function kernelRow(
  cell: KernelCell,
  engine: ProductEngine,
  row: Row,
  limits: Limits | undefined,
): KernelRow {
  const { n, k, m, sparsity, structure, storage, threads, nonZero } = cell;
  const us = row.medianUs;
  const rate = (products: number) => (us === null ? null : (2 * m * products) / us / 1e3);
  const note = noteOf(row);
  const none = { limit: null, shareOfLimit: null };
  return {
    engine: engine.name,
    level: engine.level,
    n,
    k,
    m,
    sparsity,
    structure,
    storage,
    threads,
    isa: engine.kind === 'own' ? cell.isa : null,
    medianUs: us,
    madUs: row.madUs,
    samples: row.samples,
    gflops: rate(nonZero),
    denseEquivalentGflops: rate(n * k),
    ...(engine.level === 'kernel' && us !== null && limits ? shareOf(cell, row, limits) : none),
    ...(note === undefined ? {} : { note }),
  };
}
