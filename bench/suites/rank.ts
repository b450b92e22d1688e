import { tfmotCount } from '../../lib/sparse/cut.ts';
import type { RankCase } from '../cases/rank-case.ts';
import { runCase } from '../runner/run-case.ts';
import { densityName, type Suite } from './suite.ts';

/** The mask of the greatest magnitudes of a layer: ours against NumPy's partition and against TF.js's ops. */
export const rank: Suite = async function* (options, processOf) {
  for (const [outputs, inputs] of options.shapes)
    for (const sparsity of options.sparsity) {
      const weights = outputs * inputs;
      const kept = tfmotCount(weights, sparsity);
      const work: RankCase = { weights, sparsity, kept, seed: 7 };
      const seats = [
        processOf('numpy').seat('numpy partition', work),
        // A sample of it takes seconds for a large layer.
        { ...processOf('tfjs-node').seat('tfjs-node bisection', work), maxRounds: 5 },
        processOf('tfjs-sparse').seat('magnitudeMask', work),
        processOf('tfjs-sparse').seat('magnitudeMask into out', work),
      ];
      yield {
        suite: 'rank',
        name: `magnitude-${outputs}x${inputs}/${densityName(sparsity)}/t=1`,
        facts: { n: outputs, k: inputs, weights, sparsity, kept },
        rows: await runCase(seats, { minRounds: 31, ...options.run, exact: true }),
      };
    }
};
