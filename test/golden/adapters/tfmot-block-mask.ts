import { magnitude } from '../../../lib/pruning/criteria/magnitude.ts';
import { maskByMagnitude } from '../../../lib/pruning/mask.ts';
import { readStructure } from '../../../lib/pruning/structure-options.ts';
import { poolBlocks } from '../../../lib/sparse/block-pool.ts';
import type { Adapter } from '../adapter.ts';

export const tfmotBlockMask: Adapter = {
  sections: {
    cases: (fields, compare) => {
      const { data, shape } = fields.tensor('weights');
      const [blockInputs, blockOutputs] = fields.numbers('block_size') as [number, number];
      const type = fields.string('block_pooling_type') as 'AVG' | 'MAX';
      const structure = readStructure({ blockSize: [blockInputs, blockOutputs], blockPoolingType: type });
      const sparsity = fields.number('sparsity');
      const run = () => maskByMagnitude(data, shape, { sparsity, structure, compat: 'tfmot' });
      // Says where TFMOT pads, which its mask shows anyway.
      fields.boolean('divides');
      if (fields.maybe('throws') === true) {
        compare.throws('mask', ['ERR_SPARSE_SHAPE'], run);
        return;
      }
      const { mask, threshold } = run();
      const grid = { inputs: shape[0]!, outputs: shape[1]!, blockInputs, blockOutputs };
      const pooling = type === 'AVG' ? 'avg' : 'max';
      const received = poolBlocks(magnitude({ values: data }), grid, pooling, { padding: 'split' });
      const pooled = fields.tensor('pooled');
      compare.shape('pooled', pooled.shape, received.shape);
      compare.numbers('pooled', pooled.data, received.scores);
      const expected = fields.tensor('mask');
      compare.shape('mask', expected.shape, shape);
      compare.mask('mask', expected.data, mask, fields.maybe('tied') === true);
      compare.number('threshold', fields.number('threshold'), threshold!);
    },
  },
};
