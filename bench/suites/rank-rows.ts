import type { Distribution, RankCase } from '../cases/rank-case.ts';
import type { Row } from '../runner/run-case.ts';
import type { Limits } from './limits.ts';

/** One engine on one operation, as `--json` writes it. */
export interface RankRow {
  engine: string;
  operation: string;
  distribution: string;
  n: number;
  k: number;
  sparsity: number;
  threads: number;
  isa: string | null;
  medianUs: number | null;
  madUs: number | null;
  samples: number;
  /** Time of this engine / time of one read of the weights at the memory's (or cache's) read bandwidth. */
  reads: number | null;
  /** `apply` only: its bytes per second (weight and mask in, weight out) / those of a copy of the weights in the same rounds. */
  shareOfCopy: number | null;
  note?: string;
}

/** Useful bytes of `apply` beside those of a copy, for each weight: 4 + 1 + 4 and 4 + 4. */
const applyBytes = 9 / 8;

export function rankRow(
  work: RankCase,
  distribution: Distribution,
  name: string,
  row: Row,
  context: { isa: string; limits: Limits | undefined; copyUs: number | null },
): RankRow {
  const { operation, n, k, sparsity, threads } = work;
  const { isa, limits, copyUs } = context;
  const us = row.medianUs;
  const bytes = 4 * n * k;
  const level = limits !== undefined && bytes <= limits.size.l3 ? 'l3' : 'memory';
  const oneRead = limits === undefined ? null : bytes / limits.read[level] / 1e3;
  const facts = Object.entries(row.facts).filter(([fact]) => fact === 'version');
  const notes = [...(row.note ? [row.note] : []), ...facts.map(([fact, value]) => `${fact} ${value}`)];
  return {
    engine: name,
    operation,
    distribution,
    n,
    k,
    sparsity,
    threads,
    isa: name.startsWith('tfjs-sparse') ? isa : null,
    medianUs: us,
    madUs: row.madUs,
    samples: row.samples,
    reads: us === null || oneRead === null ? null : us / oneRead,
    shareOfCopy: operation !== 'apply' || us === null || copyUs === null ? null : (applyBytes * copyUs) / us,
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}
