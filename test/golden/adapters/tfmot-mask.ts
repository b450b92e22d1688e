import { maskByMagnitude } from '../../../lib/pruning/mask.ts';
import type { Adapter } from '../adapter.ts';

export const tfmotMask: Adapter = {
  sections: {
    cases: (fields, compare) => {
      fields.string('name');
      const weights = fields.tensor('weights');
      const { mask, threshold, kept } = maskByMagnitude(weights.data, weights.shape, {
        sparsity: fields.number('sparsity'),
        structure: { type: 'unstructured' },
        compat: 'tfmot',
      });
      const expected = fields.tensor('mask');
      compare.shape('mask', expected.shape, weights.shape);
      compare.mask('mask', expected.data, mask, fields.maybe('tied') === true);
      compare.number('threshold', fields.number('threshold'), threshold!);
      compare.number('kept', fields.number('kept'), kept);
    },
  },
};
