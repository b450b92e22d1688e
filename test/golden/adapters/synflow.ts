import { synflowScores } from '../../../lib/pruning/criteria/synflow.ts';
import { pruneOnce } from '../../../lib/pruning/prune-once.ts';
import type { DensitySchedule, PruneOnceProgress } from '../../../lib/pruning/prune-once-config.ts';
import type { Scope } from '../../../lib/pruning/select-masks.ts';
import type { Adapter } from '../adapter.ts';
import { useCpuBackend } from '../cpu-backend.ts';
import { compareTensors, contextOf, readNet } from './net.ts';

const scopes: Readonly<Record<string, Scope>> = { global: 'global', local: 'layer' };

export const synflow: Adapter = {
  layout:
    'Keras: dense kernel [in,out], conv kernel [h,w,cin,cout], VALID padding, stride 1, data NHWC, flatten in NHWC order; biases are not pruned but |bias| stays in the forward pass',
  sections: {
    cases: async (fields, compare) => {
      await useCpuBackend();
      fields.string('name');
      const model = readNet(fields.objects('net'), fields.numbers('input_shape'));
      const { scores, total } = synflowScores(contextOf('synflow', model, []));
      compare.number('R_first', fields.number('R_first'), total);
      compareTensors('scores_first', fields.tensors('scores_first'), scores, compare);
      const scope = scopes[fields.string('scope')];
      if (scope === undefined) throw new Error(`${fields.path}: scope not understood`);
      const seen: PruneOnceProgress[] = [];
      const { masks } = await pruneOnce(model, {
        criterion: 'synflow',
        sparsity: 1 - fields.number('density'),
        iterations: fields.number('iterations'),
        densitySchedule: fields.string('schedule') as DensitySchedule,
        scope,
        compat: 'synflow',
        onProgress: (progress) => seen.push(progress),
      });
      for (const expected of fields.objects('trace')) {
        const iteration = expected.number('iteration');
        const received = seen[iteration - 1]!;
        const where = `iteration ${iteration}`;
        compare.same(where, iteration, received.iteration);
        compare.number(`${where}, density`, expected.number('density'), received.density);
        compare.number(`${where}, R`, expected.number('R'), received.total!);
        const kept = expected.numbers('kept_per_layer');
        compare.same(`${where}, kept`, kept.join(), Object.values(received.kept).join());
      }
      compareTensors('masks', fields.tensors('masks'), masks, compare);
    },
  },
};
