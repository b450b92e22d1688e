import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { balancedCounts } from '../../../lib/sparse/balanced.ts';
import { buildMask, computeMask } from '../../../lib/sparse/masks.ts';
import type { Structure } from '../../../lib/sparse/structure.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

/** Small matrices with ties. */
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }))
  .chain(([inputs, outputs, levels]) =>
    fc.record({
      inputs: fc.constant(inputs),
      outputs: fc.constant(outputs),
      scores: fc
        .array(fc.integer({ min: -levels, max: levels }), {
          minLength: inputs * outputs,
          maxLength: inputs * outputs,
        })
        .map((list) => Float32Array.from(list)),
    }),
  );

describe('block', () => {
  const structure: Structure = { type: 'block', inputs: 2, outputs: 2 };

  test('keeps or prunes whole blocks by their average, cut at the edges', () => {
    // Averages: [2, 5 (one column)] over [9 (one row), 1 (one element)].
    const scores = f32(1, 2, 6, 3, 2, 4, 9, 9, 1);
    expect([...buildMask(scores, [3, 3], { sparsity: 0.5, structure })]).toEqual([0, 0, 1, 0, 0, 1, 1, 1, 0]);
  });

  test('takes the maximum when asked', () => {
    const scores = f32(0, 0, 3, 3, 0, 7, 3, 3);
    const mask = (pooling: 'avg' | 'max') =>
      [...buildMask(scores, [2, 4], { sparsity: 0.5, structure: { ...structure, pooling } })].join('');
    expect(mask('max')).toBe('11001100');
    expect(mask('avg')).toBe('00110011');
  });

  test('keeps the exact count of blocks, whatever the shape', () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 50 }), (m, bi, bo) => {
        const options = { sparsity: 0.6, structure: { type: 'block', inputs: bi, outputs: bo } as const };
        const { mask, kept } = computeMask(m.scores, [m.inputs, m.outputs], options);
        const across = Math.ceil(m.outputs / bo);
        const bits = new Map<number, Set<number>>();
        mask.forEach((bit, i) => {
          const block =
            Math.floor(Math.floor(i / m.outputs) / bi) * across + Math.floor((i % m.outputs) / bo);
          bits.set(block, (bits.get(block) ?? new Set()).add(bit));
        });
        const live = [...bits.values()].filter((set) => set.has(1));
        expect([...bits.values()].every((set) => set.size === 1)).toBe(true);
        const exact = bits.size * (1 - 0.6);
        expect(live.length).toBeGreaterThanOrEqual(Math.max(1, exact - 0.5));
        expect(live.length).toBeLessThanOrEqual(Math.max(1, exact + 0.5));
        expect(kept).toBe(mask.reduce((sum, bit) => sum + bit, 0));
      }),
    );
  });
});

describe('input and output', () => {
  test('prune whole rows and columns by their norm', () => {
    const weights = f32(1, -2, 3, 2, 1, -1);
    const columns = buildMask(weights, [2, 3], { sparsity: 2 / 3, structure: { type: 'output' } });
    expect([...columns]).toEqual([0, 0, 1, 0, 0, 1]);
    const rows = buildMask(weights, [2, 3], { sparsity: 0.5, structure: { type: 'input', order: 1 } });
    expect([...rows]).toEqual([1, 1, 1, 0, 0, 0]);
  });

  test('keep the lower output when norms tie, and follow the order', () => {
    const weights = f32(3, 0, 2, 0, 3, 2);
    const kept = (order: 1 | 2 | typeof Infinity) =>
      [...buildMask(weights, [2, 3], { sparsity: 2 / 3, structure: { type: 'output', order } })].slice(0, 3);
    expect(kept(1)).toEqual([0, 0, 1]);
    expect(kept(2)).toEqual([1, 0, 0]);
    expect(kept(Number.POSITIVE_INFINITY)).toEqual([1, 0, 0]);
  });

  test('a convolution kernel is a matrix of all taps and channels by filters', () => {
    const kernel = f32(1, 9, 1, 1, 1, 1, 1, 1);
    const mask = buildMask(kernel, [2, 2, 1, 2], { sparsity: 0.5, structure: { type: 'output' } });
    expect([...mask]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  });
});

/** Each column's groups by a plain sort. */
function groupMaskBySort(
  scores: Float32Array,
  inputs: number,
  outputs: number,
  group: number,
  counts: number[],
) {
  const mask = new Uint8Array(scores.length);
  for (let o = 0; o < outputs; o++) {
    counts.forEach((count, b) => {
      const rows = Array.from({ length: Math.min(group, inputs - b * group) }, (_, i) => b * group + i);
      rows.sort((x, y) => scores[y * outputs + o]! - scores[x * outputs + o]! || x - y);
      for (const row of rows.slice(0, count)) mask[row * outputs + o] = 1;
    });
  }
  return mask;
}

describe('nm', () => {
  test('keeps the highest of each group of inputs, the lower one on a tie', () => {
    const structure: Structure = { type: 'nm', keep: 2, of: 4 };
    expect([...buildMask(f32(0.74, 0.89, 1.68, 0.31), [4, 1], { sparsity: 0.5, structure })]).toEqual([
      0, 1, 1, 0,
    ]);
    expect([...buildMask(f32(1, 1, 1, 1, 1, 1), [6, 1], { sparsity: 0, structure })]).toEqual([
      1, 1, 0, 0, 1, 1,
    ]);
  });

  test('agrees with a sort of each group', () => {
    fc.assert(
      fc.property(
        matrices,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 12 }),
        (m, of, wanted) => {
          const keep = Math.min(wanted, of);
          const structure: Structure = { type: 'nm', keep, of };
          const mask = buildMask(m.scores, [m.inputs, m.outputs], { sparsity: 0.5, structure });
          const counts = new Array(Math.ceil(m.inputs / of)).fill(keep);
          expect(mask).toEqual(groupMaskBySort(m.scores, m.inputs, m.outputs, of, counts));
        },
      ),
    );
  });
});

describe('balanced', () => {
  test('spreads the count over the blocks', () => {
    expect([...balancedCounts(128, 32, 0.25)]).toEqual([8, 8, 8, 8]);
    expect([...balancedCounts(96, 32, 0.109375)]).toEqual([3, 4, 3]);
    expect([...balancedCounts(48, 32, 0.5)]).toEqual([16, 8]);
    expect([...balancedCounts(20, 32, 0.5)]).toEqual([10]);
    expect([...balancedCounts(64, 32, 0)]).toEqual([0, 0]);
    expect([...balancedCounts(64, 32, 1)]).toEqual([32, 32]);
  });

  test('keeps the same number in every output, as the definition says', () => {
    fc.assert(
      fc.property(
        matrices,
        fc.constantFrom(1, 4, 32, 100),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (m, group, s) => {
          const structure: Structure = { type: 'balanced', group };
          const mask = buildMask(m.scores, [m.inputs, m.outputs], { sparsity: s, structure });
          const counts = [...balancedCounts(m.inputs, group, 1 - s)];
          expect(mask).toEqual(groupMaskBySort(m.scores, m.inputs, m.outputs, group, counts));
        },
      ),
    );
  });

  test('uses blocks of 32 inputs by default, and longer groups as well', () => {
    const scores = Float32Array.from({ length: 320 * 5 }, (_, i) => Math.sin(i * i));
    const shape = [320, 5];
    expect(buildMask(scores, shape, { sparsity: 0.9, structure: { type: 'balanced' } })).toEqual(
      groupMaskBySort(scores, 320, 5, 32, [...balancedCounts(320, 32, 1 - 0.9)]),
    );
    expect(buildMask(scores, shape, { sparsity: 0.9, structure: { type: 'balanced', group: 160 } })).toEqual(
      groupMaskBySort(scores, 320, 5, 160, [...balancedCounts(320, 160, 1 - 0.9)]),
    );
  });
});

test('every structure takes an empty matrix', () => {
  const structures: Structure[] = [
    { type: 'block', inputs: 2, outputs: 2 },
    { type: 'nm', keep: 1, of: 2 },
    { type: 'balanced' },
    { type: 'input' },
    { type: 'output' },
  ];
  for (const structure of structures) {
    expect(buildMask(f32(), [0, 4], { sparsity: 0.5, structure })).toEqual(new Uint8Array(0));
  }
});
