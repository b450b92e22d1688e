import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nativeInfo } from '../../lib/native/info.ts';
import { tfmotCount } from '../../lib/sparse/cut.ts';
import { type Distribution, distributions, type RankCase, type RankOperation } from '../cases/rank-case.ts';
import { writeRankFiles } from '../cases/rank-files.ts';
import { nativeBench } from '../native-bench.ts';
import { runCase } from '../runner/run-case.ts';
import type { Seat } from '../runner/seat.ts';
import { Fleet } from './fleet.ts';
import { type Limits, measureLimits } from './limits.ts';
import { type RankEngine, rankEngines } from './rank-engines.ts';
import { rankRow } from './rank-rows.ts';
import { densityName, type Suite } from './suite.ts';

/** The k-th value is asked of every distribution; CSR of a matrix that is worth it; the rest of normal weights. */
const operations: readonly (readonly [Distribution, readonly RankOperation[]])[] = distributions.map(
  (distribution) => {
    if (distribution === 'random') return [distribution, ['kth', 'mask', 'norms', 'apply']];
    return [distribution, distribution === 'zeros90' ? ['kth', 'mask', 'csr'] : ['kth']];
  },
);

function seatOf(fleet: Fleet, { name, engine, group }: RankEngine, work: RankCase): Seat {
  if (group !== undefined) return fleet.pythonSeat(group, engine, { ...work }, name);
  return fleet.nodeSeat(engine.startsWith('tfjs-node') ? 'tfjs-node' : 'tfjs-sparse', engine, work, name);
}

/** Norms, thresholds, masks and CSR of a layer's weight: ours against NumPy, PyTorch, SciPy and TF.js's ops. */
export const rank: Suite = async function* (options) {
  const isa = options.isa ?? nativeInfo().isa;
  const fleet = new Fleet({ threads: 1, isa: options.isa, nativeBench: nativeBench() });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-rank-'));
  let limits: Limits | undefined;
  try {
    for (const [n, k] of options.shapes)
      for (const [distribution, due] of operations) {
        limits ??= isa === 'scalar' ? undefined : await measureLimits(fleet.native(), isa);
        let written = false;
        for (const sparsity of options.sparsity)
          for (const operation of due) {
            const name = `rank/${operation}-${n}x${k}/${distribution}/${densityName(sparsity)}/t=1`;
            if (options.done.has(name)) continue;
            if (!written) writeRankFiles(folder, n * k, distribution);
            written = true;
            const kept = Math.max(1, tfmotCount(n * k, sparsity));
            const work: RankCase = { folder, operation, n, k, sparsity, kept, threads: 1 };
            const engines = rankEngines.filter(({ only }) => only?.includes(operation) ?? true);
            const seats = engines.map((engine) => seatOf(fleet, engine, work));
            const exact = operation !== 'norms';
            const rows = await runCase(seats, { slowFactor: 20, ...options.run, exact, goOn: true });
            const copyUs = rows.find((row) => row.engine === 'copy')?.medianUs ?? null;
            const facts = { n, k, weights: n * k, sparsity, kept, distribution, operation };
            const measured = rows.map((row) =>
              rankRow(work, distribution, row.engine, row, { isa, limits, copyUs }),
            );
            yield { suite: 'rank', name, facts, rows, limits, measured };
          }
      }
  } finally {
    fleet.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
