import { FeatureNorms, wandaMask, wandaMetric } from '../../../lib/pruning/calibration/wanda.ts';
import { applyMask } from '../../../lib/sparse/masks.ts';
import type { Adapter } from '../adapter.ts';
import { readPrunedOfM } from './pruned-of-m.ts';

export const wanda: Adapter = {
  layout: 'weights are [out,in] as in torch.nn.Linear: transpose a Keras kernel',
  sections: {
    cases: (fields, compare) => {
      const weights = fields.tensor('weights_out_in');
      const shape = weights.shape as [outputs: number, inputs: number];
      const norms = new FeatureNorms(shape[1]);
      for (const { data, shape: batch } of fields.tensors('activation_batches')) norms.add(data, batch);
      compare.numbers('scaler_row', fields.tensor('scaler_row').data, norms.scalerRow);
      const metric = wandaMetric(weights.data, shape, norms.scalerRow);
      compare.numbers('metric', fields.tensor('metric').data, metric);
      const target = fields.has('n_pruned_of_m')
        ? { nm: readPrunedOfM(fields.numbers('n_pruned_of_m')) }
        : { sparsity: fields.number('sparsity_ratio') };
      const mask = wandaMask(metric, shape, target);
      if (fields.has('pruned_per_output')) {
        const count = fields.number('pruned_per_output');
        for (let row = 0; row < shape[0]; row++) {
          const zeros = mask.subarray(row * shape[1], (row + 1) * shape[1]).filter((bit) => bit === 0).length;
          compare.same(`pruned of output ${row}`, count, zeros);
        }
      }
      const expected = fields.tensor('mask');
      compare.shape('mask', expected.shape, shape);
      compare.mask('mask', expected.data, mask, fields.maybe('tied') === true);
      compare.numbers('weights_after', fields.tensor('weights_after').data, applyMask(weights.data, mask));
    },
  },
};
