import { snipScores } from '../../../lib/pruning/criteria/snip.ts';
import { pruneOnce } from '../../../lib/pruning/prune-once.ts';
import type { Adapter } from '../adapter.ts';
import { useCpuBackend } from '../cpu-backend.ts';
import { compareTensors, contextOf, readBatches, readNet } from './net.ts';

export const snip: Adapter = {
  layout: 'Keras layout, see synflow.json',
  sections: {
    cases: async (fields, compare) => {
      await useCpuBackend();
      fields.string('name');
      const batches = readBatches(fields.objects('batches'));
      const [first] = batches;
      const model = readNet(fields.objects('net'), (first!.xs as { shape: number[] }).shape.slice(1));
      const { scores, gradients, losses } = await snipScores(contextOf('snip', model, batches));
      compare.numbers('loss_per_batch', fields.numbers('loss_per_batch'), losses);
      compareTensors('gradients_summed', fields.tensors('gradients_summed'), gradients, compare);
      compareTensors('scores_normalized', fields.tensors('scores_normalized'), scores, compare);
      const { masks } = await pruneOnce(model, {
        criterion: 'snip',
        sparsity: 1 - fields.number('density'),
        data: batches,
        loss: 'softmaxCrossEntropy',
        compat: 'synflow',
      });
      compareTensors('masks', fields.tensors('masks'), masks, compare);
    },
  },
};
