import { expect, it } from 'vitest';
import {
  constantSparsity,
  polynomialDecay,
  pruningRecipe,
  type RecipeResult,
} from '../../../../lib/pruning.ts';
import { recordsOf, tinyStudy } from './problem.ts';

const run = async (more: object) => {
  const records = await recordsOf(
    pruningRecipe({ ...tinyStudy(), recipe: 'trained', sparsity: 0.5, ...(more as object) }),
  );
  return {
    results: records.filter((record): record is RecipeResult => record.type === 'result'),
    points: records.filter((record) => record.type === 'point'),
  };
};
const zeros = (values: Float32Array) => values.filter((value) => value === 0).length;

it('prunes a trained network: the dense one first, then as many epochs as asked', async () => {
  const { results, points } = await run({ pruneEpochs: 3, sparsity: 0.75, pruneRates: [0.02, 0.001] });
  expect(points.map(({ stage, epoch }) => `${stage} ${epoch}`)).toEqual([
    'dense 1',
    'dense 2',
    'pruned 1',
    'pruned 2',
    'pruned 3',
  ]);
  const [dense, pruned] = results as [RecipeResult, RecipeResult];
  expect([zeros(dense.trained.get('hidden/kernel')!), zeros(pruned.trained.get('hidden/kernel')!)]).toEqual([
    0, 48,
  ]);
  expect(zeros(pruned.trained.get('output/kernel')!)).toBe(36);
  // 64 + 16 + 48 + 3 parameters, of which 48 + 36 are zero; a bias may be zero and counts.
  expect([pruned.size.parameters, pruned.size.remaining]).toEqual([131, 47]);
  expect(pruned.size.zipBytes).toBeLessThan(dense.size.zipBytes);
});

it('prunes from the start on, beside a dense network trained as long', async () => {
  const { results, points } = await run({ recipe: 'fromStart', epochs: 3 });
  expect(points.filter(({ stage }) => stage === 'dense')).toHaveLength(3);
  expect(points.filter(({ stage }) => stage === 'pruned')).toHaveLength(3);
  const [dense, pruned] = results as [RecipeResult, RecipeResult];
  expect(zeros(pruned.trained.get('hidden/kernel')!)).toBe(32);
  // Masks chosen from random weights, not from those of the dense network.
  const kept = [...pruned.trained.get('hidden/kernel')!].map((value) => value !== 0);
  const magnitudes = [...dense.trained.get('hidden/kernel')!].map(Math.abs);
  const cut = magnitudes.toSorted((a, b) => b - a)[31]!;
  expect(kept).not.toEqual(magnitudes.map((value) => value >= cut));
});

it('refuses, before it trains, a schedule that prunes nothing or never reaches its end', async () => {
  const refused = (schedule: object) => expect(run({ schedule })).rejects;
  await refused(constantSparsity({ targetSparsity: 0.5, beginStep: 100 })).toMatchObject({
    code: 'ERR_SPARSE_SCHEDULE',
  });
  const late = { initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 100, frequency: 1 };
  await refused(polynomialDecay(late)).toMatchObject({ code: 'ERR_SPARSE_SCHEDULE' });
  const { results } = await run({ schedule: polynomialDecay({ ...late, endStep: 8, frequency: 2 }) });
  expect(zeros(results[1]!.trained.get('hidden/kernel')!)).toBe(32);
});

it('refuses a schedule of another sparsity, and options out of range', async () => {
  const refused = (more: object) => expect(run(more)).rejects;
  await refused({ schedule: constantSparsity({ targetSparsity: 0.25, frequency: 1 }) }).toMatchObject({
    code: 'ERR_SPARSE_SPARSITY',
  });
  await refused({ recipe: 'article' }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ sparsity: 1 }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  await refused({ pruneEpochs: 0 }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
});
