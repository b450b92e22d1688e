import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { WeightStats } from '../../lib/native/bindings.ts';
import { rowsWays } from '../../lib/sparse/kernel-choice.ts';
import { nativeBench } from '../native-bench.ts';
import { runCase } from '../runner/run-case.ts';
import { Fleet } from './fleet.ts';
import { kernelCells } from './kernel-cells.ts';
import { cellName, kernelRow } from './kernel-rows.ts';
import type { ProductEngine } from './product-engines.ts';
import type { Suite, SuiteOptions } from './suite.ts';

/** What `CsrMatrix.matmul` calls, on a weight that the native bench makes: 8 bytes a weight, and what is packed. */
const engine: ProductEngine = {
  name: 'tfjs-sparse',
  kind: 'own',
  level: 'call',
  process: 'native',
  native: 'scale',
};

/** The counts that the cost model asks for, out of `stats name=value …`. */
function readStats(reply: readonly string[]): WeightStats {
  const [, ...pairs] = reply;
  const counts = Object.fromEntries(pairs.map((pair) => pair.split('=')).map(([k, v]) => [k, Number(v)]));
  return { ...(counts as Omit<WeightStats, 'balanced'>), balanced: false };
}

/** One product of weights that are far larger than the caches, by our kernels alone: the time should follow their number. */
export async function* scale(options: SuiteOptions, isa: string): ReturnType<Suite> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-scale-'));
  try {
    for (const threads of options.threads) {
      const fleet = new Fleet({ threads, isa: options.isa, nativeBench: nativeBench() });
      try {
        for (const { weight, m: all } of kernelCells(options))
          for (const m of all) {
            const { n, k, sparsity, storage, seed } = weight;
            const cell = { ...weight, m, threads, isa, nonZero: 0 };
            if (options.done.has(cellName(cell))) continue;
            const spec = { n, k, sparsity, seed, isa };
            const words = Object.entries(spec).map(([name, value]) => `${name}=${value}`);
            const stats = readStats(await fleet.native().ask(['stats', ...words]));
            const ways = rowsWays({ n, k, stats, storage }, isa, m);
            const { name: way, native: choice } = ways.reduce((a, b) => (b.us < a.us ? b : a));
            const { vector, nr, sliceColumns } = choice;
            const work = { folder, ...spec, m, threads, storage, vector, nr, sliceColumns };
            const seat = fleet.native().seat('scale', work, engine.name);
            const rows = await runCase([seat], { minRounds: 5, ...options.run, goOn: true });
            for (const row of rows) row.facts.kernel = way;
            const here = { ...cell, nonZero: stats.nonZeros };
            const { seed: _, ...facts } = here;
            yield {
              suite: 'kernels',
              name: cellName(here),
              facts: { ...facts, realisedSparsity: 1 - stats.nonZeros / (n * k) },
              flops: { stored: 2 * m * stats.nonZeros, dense: 2 * m * n * k },
              rows,
              measured: rows.map((row) => kernelRow(here, engine, row, undefined)),
            };
          }
      } finally {
        fleet.close();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
