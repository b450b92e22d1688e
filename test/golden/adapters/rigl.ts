import { cosineDropFraction, dropAndGrow, resetGrown } from '../../../lib/pruning/drop-grow.ts';
import type { Adapter } from '../adapter.ts';
import { exact } from '../comparison.ts';

export const rigl: Adapter = {
  sections: {
    cases: (fields, compare) => {
      const { data: weights, shape } = fields.tensor('weights');
      const fraction = cosineDropFraction(fields.number('step'), {
        initial: fields.number('drop_fraction_initial'),
        beginStep: fields.number('begin_step'),
        endStep: fields.number('end_step'),
      });
      compare.number('drop_fraction', fields.number('drop_fraction'), fraction);
      const received = dropAndGrow(
        {
          key: 'weights',
          weights,
          mask: Uint8Array.from(fields.tensor('mask').data),
          growth: fields.tensor('dense_gradient').data,
        },
        fraction,
      );
      compare.number('dropped', fields.number('dropped'), received.dropped, exact);
      const maskAfter = fields.tensor('mask_after');
      compare.shape('mask_after', maskAfter.shape, shape);
      compare.mask('mask_after', maskAfter.data, received.mask, fields.maybe('tied') === true);
      compare.mask('newly_grown', fields.tensor('newly_grown').data, received.newlyGrown);
      compare.numbers('weights_after', fields.tensor('weights_after').data, received.weights);
      const momentum = resetGrown(fields.tensor('momentum').data, received.newlyGrown);
      compare.numbers('momentum_after', fields.tensor('momentum_after').data, momentum);
    },
  },
};
