import { jaxPrunerSchedule } from '../../../lib/pruning/jaxpruner-schedule.ts';
import { maskByMagnitude } from '../../../lib/pruning/mask.ts';
import type { Adapter } from '../adapter.ts';
import { checkSteps } from './schedule.ts';

export const exactTopk: Adapter = {
  sections: {
    cases: (fields, compare) => {
      const weights = fields.tensor('weights');
      const { mask, kept } = maskByMagnitude(weights.data, weights.shape, {
        sparsity: fields.number('sparsity'),
        structure: { type: 'unstructured' },
        compat: 'exact',
      });
      const expected = fields.tensor('mask');
      compare.shape('mask', expected.shape, weights.shape);
      compare.mask('mask', expected.data, mask, fields.maybe('tied') === true);
      compare.number('kept', fields.number('kept'), kept, { absolute: 0, relative: 0 });
    },
    schedules: (fields, compare) => {
      const schedule = jaxPrunerSchedule({
        targetSparsity: fields.number('target'),
        updateStartStep: fields.number('update_start_step'),
        updateEndStep: fields.number('update_end_step'),
        updateFrequency: fields.number('update_freq'),
        power: fields.number('power'),
      });
      checkSteps(fields, compare, schedule, { prune: 'is_update_step', sparsity: 'sparsity' });
    },
  },
};
