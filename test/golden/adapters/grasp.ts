import { graspEpsilon, graspScores } from '../../../lib/pruning/criteria/grasp.ts';
import { pruneOnce } from '../../../lib/pruning/prune-once.ts';
import type { Adapter } from '../adapter.ts';
import { useCpuBackend } from '../cpu-backend.ts';
import { compareTensors, contextOf, readBatches, readNet } from './net.ts';

export const grasp: Adapter = {
  layout: 'Keras layout, see synflow.json',
  sections: {
    cases: async (fields, compare) => {
      await useCpuBackend();
      fields.string('name');
      compare.same('eps', fields.number('eps'), graspEpsilon);
      const temperature = fields.number('temperature');
      const batches = readBatches(fields.objects('batches'));
      const [first] = batches;
      const model = readNet(fields.objects('net'), (first!.xs as { shape: number[] }).shape.slice(1));
      const { scores } = await graspScores(contextOf('grasp', model, batches, temperature));
      compareTensors('scores_normalized', fields.tensors('scores_normalized'), scores, compare);
      const { masks } = await pruneOnce(model, {
        criterion: 'grasp',
        sparsity: 1 - fields.number('density'),
        data: batches,
        loss: 'softmaxCrossEntropy',
        temperature,
        compat: 'synflow',
      });
      compareTensors('masks', fields.tensors('masks'), masks, compare);
    },
  },
};
