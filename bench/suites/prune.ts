import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { tfmotCount } from '../../lib/sparse/cut.ts';
import type { RankCase } from '../cases/rank-case.ts';
import { readMagnitudes, writeRankFiles } from '../cases/rank-files.ts';
import { type StepCase, stepNetworks } from '../cases/step-case.ts';
import { nativeBench } from '../native-bench.ts';
import { runCase } from '../runner/run-case.ts';
import { Fleet } from './fleet.ts';
import { densityName, type Suite, type SuiteOptions } from './suite.ts';

/** Images of a training step, as in the article. */
const batch = 128;

/** The count nearest to `kept` where the smallest kept magnitude stands alone: every tool then has the same mask. */
function untiedCount(sorted: Float32Array, kept: number): number {
  let count = kept;
  while (count < sorted.length && sorted[sorted.length - count] === sorted[sorted.length - count - 1])
    count++;
  return count;
}

async function* maskUpdates(options: SuiteOptions, fleet: Fleet, folder: string): ReturnType<Suite> {
  for (const [n, k] of options.shapes) {
    const weights = n * k;
    let sorted: Float32Array | undefined;
    for (const target of options.sparsity) {
      const name = `mask-update-${n}x${k}/${densityName(target)}/t=1`;
      if (options.done.has(name)) continue;
      if (!sorted) writeRankFiles(folder, weights, 'random');
      const kept = Math.max(1, tfmotCount(weights, target));
      const work: RankCase = { folder, operation: 'mask', n, k, sparsity: target, kept, threads: 1 };
      sorted ??= readMagnitudes(work).sort();
      work.kept = untiedCount(sorted, kept);
      work.sparsity = 1 - work.kept / weights;
      const seats = [
        fleet.pythonSeat('numpy', 'rank_numpy', { ...work }, 'numpy'),
        fleet.pythonSeat('torch', 'prune_torch', { ...work }, 'torch.nn.utils.prune'),
        fleet.nodeSeat('tfjs-node', 'mask update by ops', work, 'tfjs-node'),
        fleet.nodeSeat('tfjs-sparse', 'mask update', work, 'tfjs-sparse'),
      ];
      const rows = await runCase(seats, { slowFactor: 20, ...options.run, exact: true, goOn: true });
      yield { suite: 'prune', name, facts: { n, k, weights, sparsity: target, kept: work.kept }, rows };
    }
  }
}

/**
 * What pruning costs a training: the mask of one weight by four tools, and a training step of a plain and of a pruned
 * model in one process, in turn.
 */
export const prune: Suite = async function* (options) {
  const fleet = new Fleet({ threads: 1, isa: options.isa, nativeBench: nativeBench() });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-prune-'));
  try {
    yield* maskUpdates(options, fleet, folder);
    for (const network of stepNetworks)
      for (const sparsity of options.sparsity) {
        const name = `step-${network}/M=${batch}/${densityName(sparsity)}/t=1`;
        if (options.done.has(name)) continue;
        const work: StepCase = { network, batch, sparsity, seed: 5 };
        const seats = ['plain step', 'pruned step'].map((engine) =>
          fleet.nodeSeat('tfjs-node', engine, work),
        );
        const rows = await runCase(seats, options.run);
        yield { suite: 'prune', name, facts: { m: batch, sparsity }, rows };
      }
  } finally {
    fleet.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
