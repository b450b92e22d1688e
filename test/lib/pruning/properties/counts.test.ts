import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectMasks } from '../../../../lib/pruning/select-masks.ts';
import {
  fits,
  matrixOf,
  partBits,
  partsOf,
  rankedStructures,
  roundHalfEven,
  scoredWeights,
  sparsities,
} from './arbitraries.ts';

const sum = (list: ArrayLike<number>) => Array.from(list).reduce((total, value) => total + value, 0);
const expected = (parts: number, sparsity: number) =>
  sparsity === 1 ? 0 : Math.max(1, roundHalfEven(parts * (1 - sparsity)));

describe('a mask keeps exactly as many parts as asked, whatever ties', () => {
  it('of each weight, for parts that are entries, blocks, inputs and outputs', () => {
    fc.assert(
      fc.property(
        scoredWeights({ vectors: false, count: 3 }),
        sparsities,
        rankedStructures,
        (weights, sparsity, structure) => {
          fc.pre(weights.every((weight) => fits(structure, weight)));
          const masks = selectMasks(weights, { sparsity, structure });
          for (const weight of weights) {
            const parts = partsOf(structure, weight);
            const bits = partBits(masks.get(weight.key)!, parts);
            expect(bits).toBeDefined();
            expect(sum(bits!)).toBe(expected(bits!.length, sparsity));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of all weights together, with a floor for each', () => {
    fc.assert(
      fc.property(
        scoredWeights({ vectors: false, count: 4 }),
        sparsities,
        rankedStructures,
        fc.integer({ min: 0, max: 3 }),
        (weights, sparsity, structure, minKept) => {
          fc.pre(weights.every((weight) => fits(structure, weight)));
          const masks = selectMasks(weights, { sparsity, structure, scope: 'global', minKept });
          const bits = weights.map((weight) => partBits(masks.get(weight.key)!, partsOf(structure, weight))!);
          const floors = bits.map(({ length }) => (sparsity === 1 ? 0 : Math.min(minKept, length)));
          const all = sum(bits.map(({ length }) => length));
          const kept = sparsity === 1 ? 0 : roundHalfEven(all * (1 - sparsity));
          bits.forEach((own, i) => {
            expect(sum(own)).toBeGreaterThanOrEqual(floors[i]!);
          });
          expect(sum(bits.map(sum))).toBe(Math.max(kept, sum(floors)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of every vector, too', () => {
    fc.assert(
      fc.property(scoredWeights({ vectors: true, count: 3 }), sparsities, (weights, sparsity) => {
        const masks = selectMasks(weights, { sparsity });
        for (const { key, scores } of weights)
          expect(sum(masks.get(key)!)).toBe(expected(scores.length, sparsity));
      }),
    );
  });

  it('of each group of N:M, the last one too', () => {
    const pairs = fc
      .integer({ min: 1, max: 6 })
      .chain((of) => fc.record({ keep: fc.integer({ min: 0, max: of }), of: fc.constant(of) }));
    fc.assert(
      fc.property(scoredWeights({ vectors: false, count: 2 }), pairs, (weights, { keep, of }) => {
        const masks = selectMasks(weights, { sparsity: 0.5, structure: { type: 'nm', keep, of } });
        for (const weight of weights) {
          const { inputs, outputs } = matrixOf(weight);
          const mask = masks.get(weight.key)!;
          for (let column = 0; column < outputs; column++) {
            for (let group = 0; group < inputs; group += of) {
              const rows = Array.from({ length: Math.min(of, inputs - group) }, (_, i) => group + i);
              expect(sum(rows.map((row) => mask[row * outputs + column]!))).toBe(Math.min(keep, rows.length));
            }
          }
        }
      }),
    );
  });

  it('of every output alike, when balanced', () => {
    fc.assert(
      fc.property(
        scoredWeights({ vectors: false, count: 2 }),
        sparsities,
        fc.integer({ min: 1, max: 9 }),
        (weights, sparsity, group) => {
          const masks = selectMasks(weights, { sparsity, structure: { type: 'balanced', group } });
          for (const weight of weights) {
            const { inputs, outputs } = matrixOf(weight);
            const mask = masks.get(weight.key)!;
            const columns = Array.from({ length: outputs }, (_, column) =>
              sum(Array.from({ length: inputs }, (_, row) => mask[row * outputs + column]!)),
            );
            expect(new Set(columns).size).toBe(1);
            // All groups but the last count as whole numbers of the density; the last pro rata.
            expect(columns[0]).toBe(Math.floor((inputs / group) * (1 - sparsity) * group));
          }
        },
      ),
    );
  });
});

describe('what is kept', () => {
  it('scores at least as high as what is pruned, and stands first where they are equal', () => {
    fc.assert(
      fc.property(scoredWeights({ vectors: true, count: 3 }), sparsities, (weights, sparsity) => {
        const all = weights.flatMap(({ scores }) => [...scores]);
        const masks = selectMasks(weights, { sparsity, scope: 'global', minKept: 0 });
        const bits = weights.flatMap(({ key }) => [...masks.get(key)!]);
        const rising = [...all.keys()].sort((a, b) => {
          // -0 and 0 are equal; so are two infinities, whose difference is NaN.
          if (all[a] === all[b]) return b - a;
          return all[a]! < all[b]! ? -1 : 1;
        });
        const cut = rising.map((i) => bits[i]).join('');
        expect(cut).toMatch(/^0*1*$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('NaN', () => {
  it('is refused with the name of its weight and its place, in any scope and structure', () => {
    fc.assert(
      fc.property(
        scoredWeights({ vectors: false, count: 3 }),
        rankedStructures,
        fc.constantFrom('layer' as const, 'global' as const),
        fc.nat(),
        fc.nat(),
        (weights, structure, scope, which, where) => {
          fc.pre(weights.every((weight) => fits(structure, weight)));
          const { key, scores } = weights[which % weights.length]!;
          const at = where % scores.length;
          scores[at] = Number.NaN;
          expect(() => selectMasks(weights, { sparsity: 0.5, structure, scope })).toThrow(
            expect.objectContaining({ code: 'ERR_SPARSE_NAN', tensor: key, received: at }),
          );
        },
      ),
    );
  });
});
