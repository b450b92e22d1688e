import { withinTolerance } from '../../../lib/pruning/assert-sparsity.ts';
import { coefficientEffects } from '../../../lib/pruning/coefficients.ts';
import { pruneColumns } from '../../../lib/pruning/column-norm.ts';
import { compressedSizes, deflatedBytes } from '../../../lib/pruning/compressed-sizes.ts';
import { countZeros, zeroFraction } from '../../../lib/pruning/get-sparsity.ts';
import { maskByMagnitude } from '../../../lib/pruning/mask.ts';
import { compressionRatio } from '../../../lib/pruning/weight-storage.ts';
import { applyMask } from '../../../lib/sparse/masks.ts';
import type { Adapter } from '../adapter.ts';
import { exact } from '../comparison.ts';
import { decodeNumber, type Fields } from '../fields.ts';

function pair(value: unknown): [number, number] {
  if (!Array.isArray(value) || value.length !== 2)
    throw new Error(`not two coefficients: ${JSON.stringify(value)}`);
  return [decodeNumber(value[0], 'coefficient'), decodeNumber(value[1], 'coefficient')];
}

/** Zeros and anything but zeros, for a row that says only how many there are of each. */
function arrayOf(fields: Fields): number[] {
  if (fields.has('values')) return fields.numbers('values');
  const zeros = fields.number('zeros');
  return Array.from({ length: fields.number('size') }, (_, i) => (i < zeros ? 0 : 1));
}

export const seed: Adapter = {
  readSentence: (text) => {
    const found =
      /^abs\(yours - deflate_raw_level6\) <= ([\d.]+)\*deflate_raw_level6 \+ ([\d.]+)(?: \(.*\))?$/.exec(
        text,
      );
    return found ? { relative: Number(found[1]), absolute: Number(found[2]) } : undefined;
  },
  sections: {
    sensitivity: (fields, compare) => {
      const x = fields.numbers('x');
      const base = pair(fields.take('base'));
      const variants = fields.objects('variants');
      const coefficients = variants.map((variant) => pair(variant.take('coefficients')));
      const effects = coefficientEffects(x, base, coefficients);
      variants.forEach((variant, i) => {
        const { y, maxAbsChange, relativeL2Change } = effects[i]!;
        compare.numbers('y', variant.numbers('y'), y, exact);
        compare.number('max_abs_change', variant.number('max_abs_change'), maxAbsChange, exact);
        compare.number('relative_l2_change', variant.number('relative_l2_change'), relativeL2Change, exact);
      });
    },
    column_norm: (fields, compare) => {
      const { data, shape } = fields.tensor('weights');
      const received = pruneColumns(data, [shape[0]!, shape[1]!], fields.number('fraction'));
      compare.numbers('column_norms', fields.numbers('column_norms'), received.norms, exact);
      compare.numbers('order', fields.numbers('order'), received.order, exact);
      compare.number('cutoff', fields.number('cutoff'), received.cutoff, exact);
      compare.numbers('zeroed_columns', fields.numbers('zeroed_columns'), received.pruned, exact);
      const after = fields.tensor('weights_after');
      compare.shape('weights_after', after.shape, shape);
      compare.numbers('weights_after', after.data, received.values, exact);
    },
    get_sparsity: (fields, compare) => {
      const values = Float32Array.from(arrayOf(fields));
      compare.number('zeros', fields.number('zeros'), countZeros(values), exact);
      const sparsity = zeroFraction(countZeros(values), values.length);
      compare.number('get_sparsity', fields.number('get_sparsity'), sparsity, exact);
      if (!fields.has('target')) return;
      const holds = withinTolerance(fields.number('target'), sparsity, { rtol: 1e-6, atol: 1e-6 });
      compare.same('allclose', fields.boolean('allclose_rtol1e-6_atol1e-6'), holds);
    },
    cases: async (fields, compare) => {
      const { data, shape } = fields.tensor('weights');
      const rule = 'zero the round(size*sparsity) smallest |w|, serialise as little-endian float32';
      compare.same('rule', rule, fields.string('rule'));
      for (const row of fields.objects('rows')) {
        const sparsity = row.number('sparsity');
        const { mask } = maskByMagnitude(data, shape, {
          sparsity,
          structure: { type: 'unstructured' },
          compat: 'torch',
        });
        const values = applyMask(data, mask);
        const zeros = countZeros(values);
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        const sizes = await compressedSizes([{ name: 'model.bin', data: bytes }]);
        compare.number('zeros', row.number('zeros'), zeros, exact);
        compare.number('raw_bytes', row.number('raw_bytes'), sizes.rawBytes, exact);
        compare.number('deflate_raw_level6', row.number('deflate_raw_level6'), await deflatedBytes(bytes));
        compare.number('zip_file_bytes', row.number('zip_file_bytes'), sizes.zipBytes);
        const ratio = compressionRatio(values.length, zeros);
        compare.number(
          'parameter_compression_ratio',
          row.number('parameter_compression_ratio'),
          ratio,
          exact,
        );
      }
    },
  },
};
