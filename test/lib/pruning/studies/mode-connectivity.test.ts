import { describe, expect, it } from 'vitest';
import {
  linearModeConnectivity,
  type ModeInstability,
  type ModePath,
  type StudyBatch,
} from '../../../../lib/pruning.ts';
import { tf } from '../backends.ts';
import { normalisedModel, recordsOf, tinyData, tinyStudy } from './problem.ts';

const run = async (more: object = {}) => {
  const records = await recordsOf(linearModeConnectivity({ ...tinyStudy(), splitSteps: [0], ...more }));
  return {
    paths: records.filter((record): record is ModePath => record.type === 'path'),
    splits: records.filter((record): record is ModeInstability => record.type === 'instability'),
    points: records.filter((record) => record.type === 'point'),
  };
};

describe('linearModeConnectivity', () => {
  it('follows 30 points between every two copies, from the second to the first', async () => {
    const { paths, splits, points } = await run({ copies: 3 });
    expect(paths.map(({ pair }) => pair)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    const ends = [0, 1, 2].map((copy) => points.filter((point) => point.copy === copy).at(-1)!.accuracy!);
    for (const { pair, alphas, errors, highest, mean, instability } of paths) {
      expect([alphas.length, alphas[0], alphas[29]]).toEqual([30, 0, 1]);
      expect(errors[0]).toBe(1 - ends[pair[1]]!);
      expect(errors[29]).toBe(1 - ends[pair[0]]!);
      expect(highest).toBe(Math.max(...errors));
      expect(mean).toBe((errors[0]! + errors[29]!) / 2);
      expect(instability).toBe(highest - mean);
    }
    expect(splits[0]!.instability).toBeCloseTo(
      paths.reduce((sum, path) => sum + path.instability, 0) / 3,
      12,
    );
  });

  it('finds no barrier between copies that saw the same batches in the same order', async () => {
    const { xs, ys } = tinyData(64, 1);
    function* sameOrder(): Generator<StudyBatch> {
      for (let i = 0; i < 4; i++) {
        yield {
          xs: tf.tensor(xs.values.slice(64 * i, 64 * (i + 1)), [16, 4]),
          ys: tf.tensor(ys.values.slice(48 * i, 48 * (i + 1)), [16, 3]),
        };
      }
    }
    const { paths, splits } = await run({ data: sameOrder, splitSteps: [0, 3] });
    for (const { errors } of paths) expect(new Set(errors).size).toBe(1);
    expect(splits.map(({ instability, stable }) => [instability, stable])).toEqual([
      [0, true],
      [0, true],
    ]);
  });

  it('splits where it is told, and refuses to split where training is over', async () => {
    const { splits, points } = await run({ splitSteps: [2, 6] });
    expect(splits.map(({ splitStep }) => splitStep)).toEqual([2, 6]);
    expect(points.filter((point) => point.splitStep === undefined).at(-1)!.step).toBe(6);
    const refused = (splitSteps: unknown) => expect(run({ splitSteps })).rejects;
    await refused([8]).toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      tensor: 'splitSteps',
      expected: 'below 8',
    });
    await refused([9]).toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      tensor: 'splitSteps',
      expected: 'below 8',
    });
    await refused([]).toMatchObject({ code: 'ERR_SPARSE_ARGUMENT' });
    await refused([-1]).toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  });

  it('analyses a subnetwork: its zeros stay zero in every copy', async () => {
    const nothing = new Map([
      ['hidden/kernel', new Uint8Array(64)],
      ['output/kernel', new Uint8Array(48)],
    ]);
    const { paths } = await run({ masks: nothing });
    // Only biases are left: the same class for every example, whatever the order.
    expect(new Set(paths[0]!.errors).size).toBeLessThanOrEqual(2);
    await expect(run({ masks: new Map([['hidden/kernel', new Uint8Array(3)]]) })).rejects.toMatchObject({
      code: 'ERR_SPARSE_SHAPE',
    });
  });

  it('says what it does about batch normalisation, and does it', async () => {
    const given = { copies: 2, alphas: 5, epochs: 3 };
    const interpolated = await run({ ...given, model: normalisedModel() });
    const recomputed = await run({ ...given, model: normalisedModel(), batchNorm: 'recompute' });
    expect(interpolated.splits[0]!.batchNorm).toBe('interpolate');
    expect(recomputed.splits[0]!.batchNorm).toBe('recompute');
    expect(recomputed.paths[0]!.errors).not.toEqual(interpolated.paths[0]!.errors);
    await expect(run({ batchNorm: 'none' })).rejects.toMatchObject({ code: 'ERR_SPARSE_OPTION' });
  });

  it('needs an accuracy to follow', async () => {
    const compile = (model: tf.LayersModel) => model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    await expect(run({ compile })).rejects.toMatchObject({ code: 'ERR_SPARSE_OPTION', tensor: 'compile' });
  });
});
