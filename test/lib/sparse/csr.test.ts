import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsrMatrix } from '../../../lib/sparse/csr.ts';
import { failure } from './failure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

const sparse = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }))
  .chain(([rows, cols]) =>
    fc.record({
      rows: fc.constant(rows),
      cols: fc.constant(cols),
      dense: fc
        .array(fc.oneof(fc.constant(0), fc.constant(0), fc.float({ noDefaultInfinity: true })), {
          minLength: rows * cols,
          maxLength: rows * cols,
        })
        // -0 is dropped, so it would come back as 0.
        .map((list) => Float32Array.from(list, (x) => x + 0)),
    }),
  );

function transposed(dense: Float32Array, rows: number, cols: number): Float32Array {
  return Float32Array.from(dense, (_, i) => dense[(i % rows) * cols + Math.floor(i / rows)]!);
}

describe('CsrMatrix', () => {
  test('stores what is not zero, row by row', () => {
    const csr = CsrMatrix.fromDense(f32(0, 1, 0, -0, 0, 0, 2, 0, 3), 3, 3);
    expect([...csr.rowOffsets]).toEqual([0, 1, 1, 3]);
    expect([...csr.colIndices]).toEqual([1, 0, 2]);
    expect([...csr.values]).toEqual([1, 2, 3]);
    expect(csr).toMatchObject({ rows: 3, cols: 3, nnz: 3 });
    expect(csr.density).toBeCloseTo(1 / 3, 15);
  });

  test('drops up to the tolerance and keeps NaN', () => {
    const csr = CsrMatrix.fromDense(f32(0.1, -0.5, 0.5, Number.NaN, 1), 1, 5, { tolerance: 0.5 });
    expect([...csr.colIndices]).toEqual([3, 4]);
    // 0.1 as float32 lies above 0.1 as float64.
    expect(CsrMatrix.fromDense(f32(0.1), 1, 1, { tolerance: 0.1 }).nnz).toBe(1);
    expect(CsrMatrix.fromDense(f32(0.1), 1, 1, { tolerance: Math.fround(0.1) }).nnz).toBe(0);
  });

  test('reads a Dense kernel [inputs, outputs] as outputs by inputs', () => {
    const csr = CsrMatrix.fromDenseKernel(f32(1, 0, 2, 0, 3, 4), 2, 3);
    expect(csr).toMatchObject({ rows: 3, cols: 2, nnz: 4 });
    expect([...csr.toDense()]).toEqual([1, 0, 0, 3, 2, 4]);
  });

  test('comes back from dense, from parts and from its transpose', () => {
    fc.assert(
      fc.property(sparse, ({ rows, cols, dense }) => {
        const csr = CsrMatrix.fromDense(dense, rows, cols);
        expect(csr.toDense()).toEqual(dense);
        const { rowOffsets, colIndices, values } = csr;
        expect(CsrMatrix.fromParts({ rows, cols, rowOffsets, colIndices, values }).toDense()).toEqual(dense);
        const flipped = csr.transpose();
        expect(flipped).toMatchObject({ rows: cols, cols: rows, nnz: csr.nnz });
        expect(flipped.toDense()).toEqual(transposed(dense, rows, cols));
        const kernel = CsrMatrix.fromDenseKernel(dense, rows, cols);
        expect(kernel.rowOffsets).toEqual(flipped.rowOffsets);
        expect(kernel.colIndices).toEqual(flipped.colIndices);
        expect(kernel.values).toEqual(flipped.values);
      }),
    );
  });

  test('is immutable: what it was made from and what it shows can change without it', () => {
    const parts = {
      rows: 1,
      cols: 2,
      rowOffsets: Int32Array.of(0, 2),
      colIndices: Int32Array.of(0, 1),
      values: f32(1, 2),
    };
    const csr = CsrMatrix.fromParts(parts);
    parts.values[0] = 9;
    parts.colIndices[0] = 7;
    csr.values[1] = 9;
    csr.colIndices.fill(100);
    expect([...csr.toDense()]).toEqual([1, 2]);
    expect(csr.values).toBe(csr.values);
    expect(() => new (CsrMatrix as unknown as new () => CsrMatrix)()).toThrow('fromDense');
  });

  test('keeps stored zeros of given parts', () => {
    const csr = CsrMatrix.fromParts({
      rows: 1,
      cols: 2,
      rowOffsets: Int32Array.of(0, 1),
      colIndices: Int32Array.of(1),
      values: f32(0),
    });
    expect(csr.nnz).toBe(1);
  });

  test.each([
    ['a first offset that is not 0', [1, 2, 3], [0, 0, 1], 'rowOffsets[0]: expected 0, received 1'],
    ['offsets that fall', [0, 2, 1], [0, 1, 0], 'rowOffsets[2]: expected at least 2, received 1'],
    ['negative offsets', [0, -1, 3], [0, 0, 1], 'rowOffsets[1]: expected at least 0, received -1'],
    ['offsets past the values', [0, 4, 3], [0, 1, 2], 'rowOffsets[1]: expected at most 3, received 4'],
    [
      'a last offset short of the values',
      [0, 1, 2],
      [0, 0, 1],
      'rowOffsets[2]: expected 3 (the number of values), received 2',
    ],
    [
      'a column out of range',
      [0, 1, 3],
      [0, 1, 3],
      'colIndices[2] (row 1): expected a column in [0, 3), received 3',
    ],
    [
      'a negative column',
      [0, 1, 3],
      [-1, 1, 2],
      'colIndices[0] (row 0): expected a column in [0, 3), received -1',
    ],
    [
      'columns that do not rise',
      [0, 1, 3],
      [0, 1, 1],
      'colIndices[2] (row 1): expected more than 1, received 1',
    ],
  ])('refuses %s and says where', (_, offsets, columns, message) => {
    const error = failure(() =>
      CsrMatrix.fromParts({
        rows: 2,
        cols: 3,
        rowOffsets: Int32Array.from(offsets),
        colIndices: Int32Array.from(columns),
        values: f32(1, 2, 3),
      }),
    );
    expect(error.code).toBe('ERR_SPARSE_CSR');
    expect(error.message).toContain(message);
    expect(error.tensor).toBe(message.slice(0, message.indexOf('[')));
    expect(error.received).toBe(Number(message.split(' ').at(-1)));
  });

  test('refuses wrong sizes, types and options', () => {
    const dense = new Float32Array(6);
    const code = (run: () => unknown) => failure(run).code;
    expect(code(() => CsrMatrix.fromDense(dense, 2, 4))).toBe('ERR_SPARSE_SHAPE');
    expect(code(() => CsrMatrix.fromDense(dense, -2, -3))).toBe('ERR_SPARSE_OPTION');
    expect(code(() => CsrMatrix.fromDense(dense, 2 ** 20, 2 ** 20))).toBe('ERR_SPARSE_SHAPE');
    expect(code(() => CsrMatrix.fromDense(dense, 2, 3, { tolerance: Number.NaN }))).toBe('ERR_SPARSE_OPTION');
    expect(code(() => CsrMatrix.fromDense(dense, 2, 3, { tol: 1 } as object))).toBe('ERR_SPARSE_OPTION');
    expect(code(() => CsrMatrix.fromDense(new Int32Array(6) as never, 2, 3))).toBe('ERR_SPARSE_DTYPE');
    const parts = {
      rows: 2,
      cols: 3,
      rowOffsets: new Int32Array(3),
      colIndices: new Int32Array(0),
      values: f32(),
    };
    expect(code(() => CsrMatrix.fromParts({ ...parts, rowOffsets: new Int32Array(2) }))).toBe(
      'ERR_SPARSE_SHAPE',
    );
    expect(code(() => CsrMatrix.fromParts({ ...parts, colIndices: new Int32Array(1) }))).toBe(
      'ERR_SPARSE_SHAPE',
    );
    expect(code(() => CsrMatrix.fromParts({ ...parts, values: [] as never }))).toBe('ERR_SPARSE_ARGUMENT');
    expect(code(() => CsrMatrix.fromParts(null as never))).toBe('ERR_SPARSE_ARGUMENT');
    const huge = CsrMatrix.fromParts({ ...parts, cols: 2 ** 31 - 2 });
    expect(code(() => huge.toDense())).toBe('ERR_SPARSE_SHAPE');
  });
});
