import type { RankRow } from '../suites/rank-rows.ts';

/** What of a benchmark's file the table needs. */
export interface RankResult {
  environment: { cpu: string; isa: string; date: string; command: string; commit: string };
  rows: readonly RankRow[];
}

const operations: Readonly<Record<string, string>> = {
  kth: 'k-th magnitude',
  mask: 'ranked and masked',
  norms: 'L2 norms of outputs, ranked',
  'norms-inputs': 'L2 norms of inputs, ranked',
  apply: 'mask applied',
  csr: 'CSR from dense',
};

const distributions: Readonly<Record<string, string>> = {
  random: 'normal',
  equal: 'all equal',
  sorted: 'rising',
  reversed: 'falling',
  zeros90: '90 % zeros',
  two: 'two values',
};

const milliseconds = (us: number) => `${(us / 1e3).toPrecision(3)} ms`;

/** `33.1 ms (8.1×)`: a rival's time, and how many times ours it is. */
function rivalText(rows: readonly RankRow[], own: number, names: readonly string[]): string {
  const times = rows.flatMap((row) => (names.includes(row.engine) ? (row.medianUs ?? []) : []));
  if (times.length === 0) return '–';
  const best = Math.min(...times);
  return `${milliseconds(best)} (${(best / own).toPrecision(3)}×)`;
}

/** One line for each case: our time, how many reads of the array that is, and the rivals' times. */
export function rankTable({ environment: e, rows }: RankResult): string {
  const cases = new Map<string, RankRow[]>();
  for (const row of rows) {
    const key = [row.n, row.k, row.operation, row.distribution, row.sparsity, row.threads].join();
    cases.set(key, [...(cases.get(key) ?? []), row]);
  }
  const lines = [...cases.values()].flatMap((found) => {
    const ours = found.filter((row) => row.engine.startsWith('tfjs-sparse') && row.medianUs !== null);
    if (ours.length === 0) return [];
    const own = ours.reduce((a, b) => (b.medianUs! < a.medianUs! ? b : a));
    const { operation, distribution, n, k, threads, reads, shareOfCopy } = own;
    const limit = shareOfCopy === null ? '' : `, ${Math.round(100 * shareOfCopy)} % of a copy's rate`;
    const cells = [
      `${operations[operation] ?? operation}, ${distributions[distribution] ?? distribution}`,
      `${n}x${k}`,
      String(threads),
      `${milliseconds(own.medianUs!)}${limit}`,
      reads === null ? '–' : reads.toFixed(2),
      rivalText(found, own.medianUs!, ['numpy']),
      rivalText(found, own.medianUs!, ['scipy']),
      rivalText(found, own.medianUs!, ['torch']),
      rivalText(found, own.medianUs!, ['tfjs-node', 'tfjs-node topk']),
    ];
    return [`| ${cells.join(' | ')} |`];
  });
  return [
    '| work, weights | shape | threads | tfjs-sparse | reads | NumPy | SciPy | torch | tfjs-node |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
    '',
    "*reads*: our time / the time that reading the array once takes one thread. In brackets: a rival's time / ours. TF.js: the",
    'faster of `topk` and of a bisection by comparisons. ' +
      `${e.cpu}, kernels \`${e.isa}\`; commit ${e.commit}, ${e.date.slice(0, 10)}; \`${e.command}\`.`,
  ].join('\n');
}
