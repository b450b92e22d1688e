import {
  classificationError,
  errorBarrier,
  interpolateWeights,
  interpolationAlphas,
} from '../../../lib/pruning/error-barrier.ts';
import { CsrMatrix } from '../../../lib/sparse/csr.ts';
import type { Adapter } from '../adapter.ts';

export const lmc: Adapter = {
  sections: {
    cases: (fields, compare) => {
      compare.same('convention', 'W(alpha) = alpha*w1 + (1-alpha)*w2', fields.string('convention'));
      const x = fields.tensor('x');
      const labels = fields.numbers('labels');
      const [first, second] = [fields.tensor('w1'), fields.tensor('w2')];
      const [inputs, classes] = first.shape as [number, number];
      compare.shape('w2', first.shape, second.shape);
      compare.shape('x', x.shape, [labels.length, inputs]);
      const errorOf = (kernel: Float32Array) => {
        const logits = CsrMatrix.fromDenseKernel(kernel, inputs, classes).matmul(x.data, labels.length);
        return classificationError(logits, classes, labels);
      };
      const alphas = interpolationAlphas(fields.number('alphas'));
      const errors = alphas.map((alpha) => errorOf(interpolateWeights(first.data, second.data, alpha)));
      compare.numbers('errors', fields.numbers('errors'), errors);
      compare.number('error_w1', fields.number('error_w1'), errorOf(first.data));
      compare.number('error_w2', fields.number('error_w2'), errorOf(second.data));
      const { instability, stable } = errorBarrier(errors);
      compare.number('instability', fields.number('instability'), instability);
      compare.same('stable_below_0.02', fields.boolean('stable_below_0.02'), stable);
    },
  },
};
