import { describe, expect, it } from 'vitest';
import { type RetrainResult, retrain, retrainPlan } from '../../../../lib/pruning.ts';
import { temporaryFolder } from '../../../helpers/temp-folder.ts';
import { recordsOf, tinyStudy } from './problem.ts';

describe('retrainPlan', () => {
  const rates = [0.1, 0.1, 0.01, 0.01];

  it('has the three rows of the paper: T = 3, t = 2', () => {
    expect(retrainPlan('fineTune', rates, 3, 2)).toEqual({
      weightsFrom: 3,
      learningRates: [0.01, 0.01, 0.01],
    });
    expect(retrainPlan('rewindWeights', rates, 3, 2)).toEqual({
      weightsFrom: 1,
      learningRates: [0.1, 0.01, 0.01],
    });
    expect(retrainPlan('rewindLearningRate', rates, 3, 2)).toEqual({
      weightsFrom: 3,
      learningRates: [0.1, 0.01, 0.01],
    });
  });

  it('rewinds to the very start for t = T, and nowhere for t = 0', () => {
    expect(retrainPlan('rewindWeights', rates, 3, 3)).toEqual({ weightsFrom: 0, learningRates: rates });
    expect(retrainPlan('rewindWeights', rates, 3, 0)).toEqual({ weightsFrom: 3, learningRates: [0.01] });
  });

  it('refuses more epochs than the training had, and unknown methods', () => {
    expect(() => retrainPlan('fineTune', rates, 3, 4)).toThrow('at most the 3 epochs');
    expect(() => retrainPlan('rewind' as never, rates, 3, 1)).toThrow('expected one of fineTune');
  });
});

describe('retrain', () => {
  const folder = temporaryFolder();
  const given = { learningRates: [0.05, 0.02, 0.001], epochs: 3, sparsity: 0.5, retrainEpochs: 2 };
  const run = async (more: object) => {
    const records = await recordsOf(
      retrain({ ...tinyStudy(), ...given, ...(more as { method: 'fineTune' }) }),
    );
    return records.filter((record): record is RetrainResult => record.type === 'result');
  };

  it('trains the dense network once for all methods that share a folder', async () => {
    const shared = { folder: folder('shared') };
    const alone = await run({ method: 'rewindWeights' });
    const [first, second] = [
      await run({ method: 'fineTune', ...shared }),
      await run({ method: 'rewindWeights', ...shared }),
    ];
    expect(second).toEqual(alone);
    expect(second[0]).toEqual(first[0]);
    expect(second[1]).toEqual(first[1]);
    expect(second[2]!.trained).not.toEqual(first[2]!.trained);
  });

  it('goes back to the initial weights when it rewinds the whole training, as a lottery ticket does', async () => {
    const rates = { retrainEpochs: 3, learningRates: [0, 0, 0] };
    const model = tinyStudy().model;
    const initial = model.getLayer('hidden').getWeights()[0]!.dataSync();
    const [dense, , ticket] = await run({ method: 'rewindWeights', ...rates });
    // At a rate of zero nothing moves: what is there is where it started.
    expect(dense!.trained.get('hidden/kernel')).toEqual(initial);
    const mask = ticket!.masks.get('hidden/kernel')!;
    expect(ticket!.trained.get('hidden/kernel')).toEqual(initial.map((value, i) => (mask[i] ? value : 0)));
  });

  it('fine-tunes at the last rate: at 0, what was pruned stays as it is', async () => {
    const rates = { learningRates: [0.05, 0.05, 0.05, 0] };
    const [, pruned, tuned] = await run({ method: 'fineTune', ...rates });
    const mask = pruned!.masks.get('hidden/kernel')!;
    const expected = pruned!.trained.get('hidden/kernel')!.map((value, i) => (mask[i] ? value : 0));
    expect(tuned!.trained.get('hidden/kernel')).toEqual(expected);
    expect(tuned!.loss).toBe(pruned!.loss);
    const [, , rewound] = await run({ method: 'rewindLearningRate', ...rates });
    expect(rewound!.trained.get('hidden/kernel')).not.toEqual(expected);
  });

  it('prunes the same fraction of what is left in every round', async () => {
    const results = await run({ method: 'rewindLearningRate', rounds: 2, sparsity: 0.75 });
    expect(results.map(({ stage, round, sparsity }) => [stage, round, sparsity])).toEqual([
      ['dense', 0, 0],
      ['pruned', 1, 0.5],
      ['retrained', 1, 0.5],
      ['pruned', 2, 0.75],
      ['retrained', 2, 0.75],
    ]);
  });

  it('needs rates to rewind them, and a method that it knows', async () => {
    const refused = (more: object) => expect(run(more)).rejects;
    await refused({ method: 'rewindLearningRate', learningRates: undefined }).toMatchObject({
      tensor: 'learningRates',
    });
    await refused({ method: 'tune' }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
    await refused({ method: 'fineTune', retrainEpochs: 4 }).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  });
});
