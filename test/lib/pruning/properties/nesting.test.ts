import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearSparsity, polynomialDecay } from '../../../../lib/pruning/schedules.ts';
import { type ScoredWeight, type SelectionRule, selectMasks } from '../../../../lib/pruning/select-masks.ts';
import type { Compat, Mask } from '../../../../lib/sparse/structure.ts';
import { fits, rankedStructures, scoredWeights, sparsities } from './arbitraries.ts';

/** Whether every weight that `later` keeps is kept by `earlier`. */
function isWithin(later: ReadonlyMap<string, Mask>, earlier: ReadonlyMap<string, Mask>): boolean {
  return [...later].every(([key, mask]) => mask.every((bit, i) => bit <= earlier.get(key)![i]!));
}

/** Masks at rising sparsities, each from the same scores. */
function fromScores(
  weights: readonly ScoredWeight[],
  list: readonly number[],
  rule: Omit<SelectionRule, 'sparsity'>,
) {
  return list.map((sparsity) => selectMasks(weights, { ...rule, sparsity }));
}

const scopes = fc.constantFrom('layer' as const, 'global' as const);
const rising = fc.array(sparsities, { minLength: 2, maxLength: 5 }).map((list) => list.sort((a, b) => a - b));

describe('masks nest as sparsity grows', () => {
  it('from the same scores, for every structure and scope', () => {
    fc.assert(
      fc.property(
        scoredWeights({ vectors: false, count: 3 }),
        rising,
        rankedStructures,
        scopes,
        (weights, list, structure, scope) => {
          fc.pre(weights.every((weight) => fits(structure, weight)));
          const masks = fromScores(weights, list, { structure, scope });
          for (let i = 1; i < masks.length; i++) expect(isWithin(masks[i]!, masks[i - 1]!)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("from the same scores, by the other tools' rules", () => {
    const compats = fc.constantFrom<Compat>('tfmot', 'torch', 'synflow');
    fc.assert(
      fc.property(scoredWeights({ vectors: true, count: 3 }), rising, compats, (weights, list, compat) => {
        const masks = fromScores(weights, list, { compat });
        for (let i = 1; i < masks.length; i++) expect(isWithin(masks[i]!, masks[i - 1]!)).toBe(true);
      }),
    );
  });

  it('from scores that change, when each mask is the next one’s previous; the count is still exact', () => {
    const two = scoredWeights({ vectors: false, count: 2 }).chain((weights) =>
      fc.record({
        weights: fc.constant(weights),
        later: fc.tuple(
          ...weights.map(({ scores }) =>
            fc
              .array(fc.float({ noNaN: true }), { minLength: scores.length, maxLength: scores.length })
              .map((list) => Float32Array.from(list)),
          ),
        ),
      }),
    );
    fc.assert(
      fc.property(two, sparsities, sparsities, scopes, ({ weights, later }, one, other, scope) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const before = selectMasks(weights, { sparsity: low, scope });
        const moved = weights.map(({ key, shape }, i) => ({
          key,
          shape,
          scores: later[i]!,
          previous: before.get(key)!,
        }));
        const after = selectMasks(moved, { sparsity: high, scope });
        expect(isWithin(after, before)).toBe(true);
        const fresh = selectMasks(
          moved.map(({ key, shape, scores }) => ({ key, shape, scores })),
          {
            sparsity: high,
            scope,
          },
        );
        const count = (masks: ReadonlyMap<string, Mask>) =>
          [...masks.values()].reduce((total, mask) => total + mask.reduce((sum, bit) => sum + bit, 0), 0);
        expect(count(after)).toBe(count(fresh));
      }),
      { numRuns: 300 },
    );
  });

  it('over the steps of a schedule that rises', () => {
    const window = { initialSparsity: 0.1, finalSparsity: 0.95, beginStep: 0, endStep: 20, frequency: 1 };
    const schedules = [polynomialDecay(window), linearSparsity(window)];
    fc.assert(
      fc.property(
        scoredWeights({ vectors: true, count: 3 }),
        fc.constantFrom(...schedules),
        (weights, schedule) => {
          const list = Array.from({ length: 21 }, (_, step) => schedule.at(step).sparsity);
          const masks = fromScores(weights, list, { scope: 'global' });
          for (let i = 1; i < masks.length; i++) expect(isWithin(masks[i]!, masks[i - 1]!)).toBe(true);
        },
      ),
    );
  });
});
