import { LayerHessian } from '../../../lib/pruning/calibration/hessian.ts';
import { sparseGptSolve } from '../../../lib/pruning/calibration/sparsegpt.ts';
import { countZeros } from '../../../lib/pruning/get-sparsity.ts';
import type { Adapter } from '../adapter.ts';
import { exact } from '../comparison.ts';
import { readPrunedOfM } from './pruned-of-m.ts';

export const sparsegpt: Adapter = {
  layout: 'weights [out,in]',
  sections: {
    cases: (fields, compare) => {
      const { data: weights, shape } = fields.tensor('weights_out_in');
      const [outputs, inputs] = shape as [number, number];
      const hessian = new LayerHessian(inputs);
      for (const { data, shape: batch } of fields.tensors('activation_batches')) hessian.add(data, batch);
      const config = fields.object('config');
      const received = sparseGptSolve(weights, [outputs, inputs], hessian.matrix, {
        ...(config.has('nm')
          ? { nm: readPrunedOfM(config.numbers('nm')) }
          : { sparsity: config.number('sparsity') }),
        blockSize: config.number('blocksize'),
        damping: config.number('percdamp'),
      });
      const upper = fields.tensor('hinv_cholesky_upper');
      compare.shape('hinv_cholesky_upper', upper.shape, [inputs, inputs]);
      compare.numbers('hinv_cholesky_upper', upper.data, received.inverseCholesky);
      const mask = fields.tensor('mask');
      compare.shape('mask', mask.shape, shape);
      compare.mask('mask', mask.data, received.mask, fields.maybe('tied') === true);
      compare.numbers('weights_after', fields.tensor('weights_after').data, received.weights);
      compare.number('loss', fields.number('loss'), received.loss);
      compare.number('zeros', fields.number('zeros'), countZeros(received.weights), exact);
    },
  },
};
