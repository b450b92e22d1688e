import { countZeros } from '../../../lib/pruning/get-sparsity.ts';
import {
  type PruneAmount,
  torchGlobal,
  torchStructured,
  torchUnstructured,
} from '../../../lib/pruning/torch-prune.ts';
import type { Mask } from '../../../lib/sparse/structure.ts';
import type { Adapter } from '../adapter.ts';
import type { Comparison } from '../comparison.ts';
import type { Fields } from '../fields.ts';

/** JSON does not tell 1 from 1.0; the vector does. */
function readAmounts(fields: Fields): PruneAmount[] {
  const isInt = fields.list('amount_is_int');
  const amounts = fields.numbers('amounts');
  if (isInt.length !== amounts.length) throw new Error(`${fields.path}: amount_is_int of another length`);
  return amounts.map((amount, i) => (isInt[i] === true ? { count: amount } : { fraction: amount }));
}

/** Masks one weight by the amounts in turn. */
function checkOne(
  fields: Fields,
  compare: Comparison,
  prune: (
    weight: { values: Float32Array; mask: Mask | undefined },
    shape: number[],
    amount: PruneAmount,
  ) => Mask,
): void {
  const { data, shape } = fields.tensor('weights');
  let mask: Mask | undefined;
  for (const amount of readAmounts(fields)) mask = prune({ values: data, mask }, shape, amount);
  if (!mask) throw new Error(`${fields.path}: no amount`);
  const expected = fields.tensor('mask');
  compare.shape('mask', expected.shape, shape);
  compare.mask('mask', expected.data, mask, fields.maybe('tied') === true);
  compare.same('zeros', fields.number('zeros'), countZeros(Float32Array.from(mask)));
}

export const torchL1Unstructured: Adapter = {
  layout: 'row-major; amounts are applied one after the other to the same tensor',
  sections: {
    cases: (fields, compare) => {
      checkOne(fields, compare, (weight, _, amount) => torchUnstructured(weight, amount));
    },
  },
};

export const torchLnStructured: Adapter = {
  sections: {
    cases: (fields, compare) => {
      const options = { order: fields.number('n'), dim: fields.number('dim') };
      checkOne(fields, compare, (weight, shape, amount) => torchStructured(weight, shape, amount, options));
    },
  },
};

export const torchGlobalUnstructured: Adapter = {
  sections: {
    cases: (fields, compare) => {
      const weights = fields.tensors('weights');
      let masks: Mask[] = [];
      for (const amount of readAmounts(fields)) {
        masks = torchGlobal(
          weights.map(({ data }, i) => ({ values: data, mask: masks[i] })),
          amount,
        );
      }
      const expected = fields.tensors('masks');
      compare.same('masks', expected.length, masks.length);
      expected.forEach(({ data, shape }, i) => {
        compare.shape(`masks[${i}]`, shape, weights[i]!.shape);
        compare.mask(`masks[${i}]`, data, masks[i]!, fields.maybe('tied') === true);
      });
      const zeros = countZeros(Float32Array.from(masks.flatMap((mask) => [...mask])));
      compare.same('zeros', fields.number('zeros'), zeros);
    },
  },
};
