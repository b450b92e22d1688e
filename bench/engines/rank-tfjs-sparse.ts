import { nativeInfo } from '../../lib/native/info.ts';
import { magnitudeMask } from '../../lib/sparse/masks.ts';
import { asWords, normalWeights, type RankCase } from '../cases/rank-case.ts';
import type { Engine } from '../runner/engine.ts';

/** Our own: threshold and mask in one call, by TFMOT's rule (all ties are kept), so that every engine has one task. */
function engine(name: string, outFor: (weights: number) => Uint8Array | undefined): Engine<RankCase> {
  return {
    name,
    async prepare(work) {
      const weights = normalWeights(work.weights, work.seed);
      const out = outFor(work.weights);
      const rank = () => magnitudeMask(weights, { sparsity: work.sparsity, compat: 'tfmot', out });
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
}

/** A fresh mask at every call, as the rivals make one. */
export const rankTfjsSparse = engine('magnitudeMask', () => undefined);
/** The same mask at every call, as a training loop would. */
export const rankTfjsSparseOut = engine('magnitudeMask into out', (weights) => new Uint8Array(weights));
