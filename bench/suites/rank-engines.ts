import type { RankOperation } from '../cases/rank-case.ts';

/** An engine of the rank bench. */
export interface RankEngine {
  name: string;
  /** Key of bench/engines/index.ts, or the module in bench/engines/python with its group of packages. */
  engine: string;
  group?: string;
  /** What it can do; default: everything. */
  only?: readonly RankOperation[];
}

/** All of them; results are compared with those of the first that runs. */
export const rankEngines: readonly RankEngine[] = [
  {
    name: 'numpy',
    engine: 'rank_numpy',
    group: 'numpy',
    only: ['kth', 'mask', 'norms', 'norms-inputs', 'apply'],
  },
  { name: 'scipy', engine: 'rank_scipy', group: 'scipy', only: ['csr'] },
  { name: 'torch', engine: 'rank_torch', group: 'torch' },
  { name: 'tfjs-node', engine: 'tfjs-node rank', only: ['kth', 'mask', 'norms', 'norms-inputs', 'apply'] },
  { name: 'tfjs-node topk', engine: 'tfjs-node topk', only: ['kth'] },
  { name: 'copy', engine: 'copy', only: ['apply'] },
  { name: 'tfjs-sparse', engine: 'tfjs-sparse rank' },
  { name: 'tfjs-sparse into out', engine: 'tfjs-sparse rank into out', only: ['mask', 'apply'] },
];
