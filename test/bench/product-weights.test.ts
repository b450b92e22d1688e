import { describe, expect, it } from 'vitest';
import { storages, type WeightSpec, weightStructures } from '../../bench/cases/product-case.ts';
import { type CsrWeight, productWeights } from '../../bench/cases/product-weights.ts';

const spec: WeightSpec = {
  n: 16,
  k: 70,
  sparsity: 0.9,
  structure: 'unstructured',
  storage: 'float32',
  seed: 3,
};

function rowsOf({ offsets, columns }: CsrWeight): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, row) => [
    ...columns.subarray(offsets[row], offsets[row + 1]),
  ]);
}

describe('weights of the kernels bench', () => {
  it.each(weightStructures)(
    '%s: columns rise and stay inside, no value is zero, the seed decides',
    (structure) => {
      const weight = productWeights({ ...spec, structure });
      for (const row of rowsOf(weight)) {
        expect(row).toEqual([...new Set(row)].sort((a, b) => a - b));
        expect(row.every((column) => column < spec.k)).toBe(true);
      }
      expect(weight.values).toHaveLength(weight.offsets[spec.n]!);
      expect(weight.values.every((v) => v !== 0)).toBe(true);
      expect(productWeights({ ...spec, structure })).toEqual(weight);
    },
  );

  it('counts unstructured zeros exactly, and a dense weight has none', () => {
    expect(productWeights(spec).values).toHaveLength(112);
    expect(productWeights({ ...spec, structure: 'dense' }).values).toHaveLength(16 * 70);
  });

  it('keeps the same number of every 32 inputs in a balanced weight', () => {
    const counts = rowsOf(productWeights({ ...spec, structure: 'balanced', sparsity: 0.75 })).map((row) =>
      [0, 1, 2].map((block) => row.filter((column) => column >> 5 === block).length),
    );
    for (const row of counts) expect(row).toEqual([8, 8, 1]);
  });

  it.each([2, 4, 8])('shares the inputs of %i neighbouring outputs', (size) => {
    const rows = rowsOf(productWeights({ ...spec, structure: `block${size}` as WeightSpec['structure'] }));
    for (const [output, row] of rows.entries()) expect(row).toEqual(rows[output - (output % size)]);
    expect(new Set(rows.map((row) => row.join())).size).toBe(16 / size);
  });

  it('rounds values to what a storage holds', () => {
    const [, bfloat16, int8] = storages.map((storage) => productWeights({ ...spec, storage }));
    const bits = new Uint32Array(bfloat16!.values.buffer);
    expect(bits.every((word) => (word & 0xffff) === 0)).toBe(true);
    for (let row = 0; row < spec.n; row++) {
      const values = int8!.values.subarray(int8!.offsets[row], int8!.offsets[row + 1]);
      const scale = Math.max(...values.map(Math.abs)) / 127;
      for (const v of values) expect(Math.abs(v / scale - Math.round(v / scale))).toBeLessThan(1e-4);
    }
  });
});
