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
    if (distribution === 'random') return [distribution, ['kth', 'mask', 'norms', 'norms-inputs', 'apply']];
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
  const fleets = new Map<number, Fleet>();
  const fleetOf = (threads: number) => {
    const found = fleets.get(threads) ?? new Fleet({ threads, isa: options.isa, nativeBench: nativeBench() });
    fleets.set(threads, found);
    return found;
  };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-rank-'));
  let limits: Limits | undefined;
  try {
    for (const [n, k] of options.shapes)
      for (const [distribution, due] of operations) {
        let written = false;
        for (const [sparsity, threads] of options.sparsity.flatMap((s) =>
          options.threads.map((t) => [s, t] as const),
        ))
          for (const operation of due) {
            const name = `rank/${operation}-${n}x${k}/${distribution}/${densityName(sparsity)}/t=${threads}`;
            // How threads share a pass does not depend on what the numbers are.
            const repeats =
              threads !== options.threads[0] && operation !== 'csr' && distribution !== 'random';
            if (repeats || options.done.has(name)) continue;
            if (!written) writeRankFiles(folder, n * k, distribution);
            written = true;
            const kept = Math.max(1, tfmotCount(n * k, sparsity));
            const work: RankCase = { folder, operation, n, k, sparsity, kept, threads };
            const fleet = fleetOf(threads);
            limits ??= isa === 'scalar' ? undefined : await measureLimits(fleetOf(1).native(), isa);
            const engines = rankEngines.filter(
              ({ name, only }) =>
                (only?.includes(operation) ?? true) && (options.engines?.includes(name) ?? true),
            );
            const seats = engines.map((engine) => seatOf(fleet, engine, work));
            const exact = !operation.startsWith('norms');
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
    for (const fleet of fleets.values()) fleet.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
