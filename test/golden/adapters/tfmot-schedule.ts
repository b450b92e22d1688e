import type { Adapter } from '../adapter.ts';
import { checkSteps, readSchedule } from './schedule.ts';

export const tfmotSchedule: Adapter = {
  sections: {
    cases: (fields, compare) => {
      checkSteps(fields, compare, readSchedule(fields), { prune: 'should_prune', sparsity: 'sparsity' });
    },
    invalid: (fields, compare) => {
      compare.same('throws', true, fields.boolean('throws'));
      compare.throws('schedule', ['ERR_SPARSE_OPTION'], () => readSchedule(fields));
    },
  },
};
