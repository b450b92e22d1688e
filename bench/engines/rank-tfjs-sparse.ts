import { nativeInfo } from '../../lib/native/info.ts';
import { magnitudeMask } from '../../lib/sparse/masks.ts';
import { asWords, normalWeights, type RankCase } from '../cases/rank-case.ts';
import type { Engine } from '../runner/engine.ts';

/** Our own: threshold and mask in one call, by TFMOT's rule (all ties are kept), so that every engine has one task. */
export const rankTfjsSparse: Engine<RankCase> = {
  name: 'magnitudeMask',
  async prepare(work) {
    const weights = normalWeights(work.weights, work.seed);
    const rank = () => magnitudeMask(weights, { sparsity: work.sparsity, compat: 'tfmot' });
    const first = asWords(rank().mask);
    return {
      run() {
        rank();
        return first;
      },
      facts: () => ({ isa: nativeInfo().isa }),
    };
  },
};
