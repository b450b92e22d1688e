import { isPrunedMByN } from '../../../lib/pruning/m-by-n.ts';
import { maskByMagnitude, noThreshold } from '../../../lib/pruning/mask.ts';
import { readStructure } from '../../../lib/pruning/structure-options.ts';
import { applyMask } from '../../../lib/sparse/masks.ts';
import type { Adapter } from '../adapter.ts';
import { readPrunedOfM } from './pruned-of-m.ts';

export const tfmotMByN: Adapter = {
  sections: {
    cases: (fields, compare) => {
      fields.string('name');
      const { data, shape } = fields.tensor('weights');
      const pair = fields.numbers('m_by_n') as [number, number];
      const structure = readStructure({ sparsityMByN: pair });
      // A structure of its own kind has its own sparsity.
      const { mask, threshold } = maskByMagnitude(data, shape, { sparsity: 0, structure, compat: 'tfmot' });
      compare.number('threshold', fields.number('threshold'), threshold ?? noThreshold('tfmot'));
      const expected = fields.tensor('mask');
      compare.shape('mask', expected.shape, shape);
      compare.mask('mask', expected.data, mask, fields.maybe('tied') === true);
      const masked = applyMask(data, mask);
      const group = readPrunedOfM(pair);
      const check = (key: string, received: boolean) => compare.same(key, fields.boolean(key), received);
      check('is_pruned_C_OUT', isPrunedMByN(masked, shape, group, 'inputs'));
      check('is_pruned_C_IN', isPrunedMByN(masked, shape, group, 'last'));
      check('unmasked_is_pruned_C_OUT', isPrunedMByN(data, shape, group, 'inputs'));
    },
  },
};
