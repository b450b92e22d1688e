import { CsrMatrix } from '../../../lib/sparse/csr.ts';
import type { Adapter } from '../adapter.ts';
import type { Fields } from '../fields.ts';

/** The bytes of a base64 field, in memory of their own. */
function bytes(fields: Fields, key: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(fields.string(key), 'base64')).buffer;
}

const float32 = (fields: Fields, key: string) => new Float32Array(bytes(fields, key));
const indices = (fields: Fields, key: string) => Int32Array.from(new Uint16Array(bytes(fields, key)));

/** Rounding of float32, relative to the number. */
const epsilon = 2 ** -23;

/**
 * Products of a CSR matrix. A sum of t terms, in any order and with or without fused multiply-adds, is at most t · epsilon ·
 * (the sum of their magnitudes) from the truth: ours, and those of the libraries too, so that a wrong file is found.
 */
export const csrProducts: Adapter = {
  layout: 'arrays are base64, little-endian, row-major',
  sections: {
    cases: (fields, compare) => {
      const name = fields.string('name');
      const [rows, cols, m] = [fields.number('n'), fields.number('k'), fields.number('m')];
      const rowOffsets = indices(fields, 'row_offsets');
      const colIndices = indices(fields, 'columns');
      const csr = CsrMatrix.fromParts({
        rows,
        cols,
        rowOffsets,
        colIndices,
        values: float32(fields, 'values'),
      });
      const x = float32(fields, 'x');
      const truth = new Float64Array(bytes(fields, 'truth'));
      const magnitude = float32(fields, 'magnitude');
      const isClose = (who: string, products: Float32Array) => {
        compare.same(`${name}, products of ${who}`, m * rows, products.length);
        for (const [i, received] of products.entries()) {
          const terms = rowOffsets[(i % rows) + 1]! - rowOffsets[i % rows]!;
          const absolute = (terms + 1) * epsilon * magnitude[i]!;
          compare.number(`${name}, ${who}, ${i}`, truth[i]!, received, { absolute, relative: 0 });
        }
      };
      for (const library of ['scipy_csr', 'torch_csr', 'torch_dense'])
        isClose(library, float32(fields, library));
      isClose('CsrMatrix.matmul', csr.matmul(x, m));
      isClose('CsrMatrix.matmul on two threads', csr.matmul(x, m, { threads: 2 }));
      // The dense matrix takes the same values to the same places.
      const dense = CsrMatrix.fromDense(csr.toDense(), rows, cols);
      isClose('CsrMatrix.fromDense', dense.matmul(x, m));
    },
  },
};
