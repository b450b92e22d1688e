import { erkSparsities } from '../../../lib/pruning/erk.ts';
import type { Adapter } from '../adapter.ts';
import { exact } from '../comparison.ts';

export const erk: Adapter = {
  sections: {
    cases: (fields, compare) => {
      const shapes = fields.object('shapes');
      const names = shapes.keys();
      const received = erkSparsities(
        Object.fromEntries(names.map((name) => [name, shapes.numbers(name)])),
        fields.number('sparsity'),
        {
          kernel: fields.boolean('include_kernel'),
          power: fields.number('erk_power_scale'),
          custom: fields.table('custom_sparsity'),
        },
      );
      compare.number('epsilon', fields.number('epsilon'), received.epsilon);
      const sparsities = fields.table('sparsities');
      const zeros = fields.table('zeros_floor');
      compare.same('names', names.join(', '), Object.keys(sparsities).join(', '));
      compare.same('names of zeros', names.join(', '), Object.keys(zeros).join(', '));
      for (const name of names) {
        compare.number(`sparsity of ${name}`, sparsities[name]!, received.sparsities[name]!);
        compare.number(`zeros of ${name}`, zeros[name]!, received.zeros[name]!, exact);
      }
    },
  },
};
