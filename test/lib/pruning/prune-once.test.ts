import { describe, expect, it } from 'vitest';
import { SparseError } from '../../../lib/errors.ts';
import { getSparsity } from '../../../lib/pruning/get-sparsity.ts';
import { pruneLowMagnitude } from '../../../lib/pruning/prune-low-magnitude.ts';
import { pruneOnce } from '../../../lib/pruning/prune-once.ts';
import type { PruneOnceConfig, PruneOnceProgress } from '../../../lib/pruning/prune-once-config.ts';
import { constantSparsity } from '../../../lib/pruning/schedules.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, smallModel, snapshot } from './models.ts';

const ones = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0);

async function refusal(model: tf.LayersModel, config: PruneOnceConfig): Promise<SparseError> {
  const error = await pruneOnce(model, config).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SparseError);
  return error as SparseError;
}

onEveryBackend(() => {
  it('keeps the greatest magnitudes of each weight and leaves the given model alone', async () => {
    const given = smallModel();
    const before = snapshot(given);
    const { model, masks } = await pruneOnce(given, { sparsity: 0.75 });
    expect(snapshot(given)).toEqual(before);
    expect([...masks.keys()]).toEqual(['d1/kernel', 'd2/kernel']);
    expect([...masks.values()].map(ones)).toEqual([12, 6]);
    for (const [i, layer] of model.layers.entries()) {
      const values = layer.getWeights()[0]!.dataSync();
      const mask = masks.get(`${layer.name}/kernel`)!;
      const dense = before[2 * i]!;
      expect([...values]).toEqual(dense.map((value, j) => (mask[j] === 1 ? value : 0)));
      const weakest = Math.min(...dense.filter((_, j) => mask[j] === 1).map(Math.abs));
      expect(dense.every((value, j) => mask[j] === 1 || Math.abs(value) <= weakest)).toBe(true);
    }
  });

  it('predicts as the given model times its masks', async () => {
    const given = smallModel();
    const { model, masks } = await pruneOnce(given, { sparsity: 0.5 });
    const { x } = data(4);
    for (const layer of given.layers) {
      const [kernel, bias] = layer.getWeights();
      const mask = tf.tensor([...masks.get(`${layer.name}/kernel`)!], kernel!.shape);
      layer.setWeights([kernel!.mul(mask), bias!]);
    }
    expect([...(model.predict(x) as tf.Tensor).dataSync()]).toEqual([
      ...(given.predict(x) as tf.Tensor).dataSync(),
    ]);
  });

  it('leaks no tensor, neither when it works nor when it fails', async () => {
    const given = smallModel();
    const prune = async () =>
      (await pruneOnce(given, { sparsity: 0.5, criterion: 'random' })).model.dispose();
    await prune();
    const { numTensors } = tf.memory();
    await prune();
    await refusal(given, { sparsity: 0.5, structure: { type: 'block', inputs: 7, outputs: 1 } });
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('scopes, structures and counts', () => {
  it('ranks all weights in one when asked to', async () => {
    const { masks } = await pruneOnce(smallModel(), { sparsity: 0.75, scope: 'global' });
    const kept = [...masks.values()].map(ones);
    expect(kept[0]! + kept[1]!).toBe(18);
    expect(kept).not.toEqual([12, 6]);
  });

  it('takes targets by layer or weight and leaves the others dense', async () => {
    const { model, masks } = await pruneOnce(smallModel(), { sparsity: { 'd2/kernel': 0.5 } });
    expect([...masks.keys()]).toEqual(['d2/kernel']);
    expect(getSparsity(model).weights.map(({ zeros }) => zeros)).toEqual([0, 12]);
  });

  it('shares a sparsity by ERK', async () => {
    const { masks } = await pruneOnce(smallModel(), { sparsity: 0.5, distribution: 'erk' });
    const density = [...masks.values()].map((mask) => ones(mask) / mask.length);
    expect(density[1]).toBeGreaterThan(density[0]!);
  });

  it('prunes what the policy lets through', async () => {
    const { masks } = await pruneOnce(smallModel(), { sparsity: 0.5, policy: ({ name }) => name === 'd1' });
    expect([...masks.keys()]).toEqual(['d1/kernel']);
  });

  it('needs no sparsity for N:M, which has its own', async () => {
    const { masks } = await pruneOnce(smallModel(), { structure: { type: 'nm', keep: 1, of: 2 } });
    expect([...masks.values()].map(ones)).toEqual([24, 12]);
  });

  it('takes the biases of pruned outputs with them, and no others', async () => {
    const given = smallModel();
    given.layers[0]!.setWeights([given.layers[0]!.getWeights()[0]!, tf.ones([8])]);
    const { model, masks } = await pruneOnce(given, {
      sparsity: 0.5,
      structure: { type: 'output' },
      biases: true,
    });
    const kernel = masks.get('d1/kernel')!;
    expect([...masks.get('d1/bias')!]).toEqual([...kernel.subarray(0, 8)]);
    expect(ones(masks.get('d1/bias')!)).toBe(4);
    expect([...model.layers[0]!.getWeights()[1]!.dataSync()]).toEqual([...masks.get('d1/bias')!]);
  });

  it('prunes biases on their own under any other structure', async () => {
    const { masks } = await pruneOnce(smallModel(), {
      sparsity: 0.5,
      structure: { type: 'block', inputs: 2, outputs: 1 },
      biases: true,
    });
    expect([...masks].map(([key, mask]) => [key, ones(mask)])).toEqual([
      ['d1/kernel', 24],
      ['d1/bias', 4],
      ['d2/kernel', 12],
      ['d2/bias', 2],
    ]);
  });

  it.each(['exact', 'torch'] as const)('reaches the same count in many iterations (%s)', async (compat) => {
    const seen: PruneOnceProgress[] = [];
    const { masks } = await pruneOnce(smallModel(), {
      sparsity: 0.75,
      compat,
      iterations: 4,
      onProgress: (progress) => seen.push(progress),
    });
    expect([...masks.values()].map(ones)).toEqual([12, 6]);
    expect(seen.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4]);
    expect(seen[1]!.density).toBeCloseTo(0.5, 12);
    expect(seen[1]!.kept).toEqual({ 'd1/kernel': 24, 'd2/kernel': 12 });
  });

  it('goes down by the linear schedule when asked to', async () => {
    const densities: number[] = [];
    await pruneOnce(smallModel(), {
      sparsity: 0.8,
      iterations: 4,
      densitySchedule: 'linear',
      onProgress: ({ density }) => densities.push(density),
    });
    [0.8, 0.6, 0.4, 0.2].forEach((expected, i) => {
      expect(densities[i]).toBeCloseTo(expected, 12);
    });
  });

  it('keeps one weight of each layer unless it may be emptied', async () => {
    const given = smallModel();
    given.layers[1]!.setWeights([tf.fill([8, 3], 1e-6), tf.zeros([3])]);
    const kept = async (minKept?: number) => {
      const options = { sparsity: 0.9, scope: 'global', ...(minKept !== undefined && { minKept }) } as const;
      return ones((await pruneOnce(given, options)).masks.get('d2/kernel')!);
    };
    expect(await kept()).toBe(1);
    expect(await kept(0)).toBe(0);
  });
});

describe('criteria that look at the weights', () => {
  it('repeats random masks by their seed', async () => {
    const maskOf = async (seed: number) => {
      const { masks } = await pruneOnce(smallModel(), { sparsity: 0.5, criterion: 'random', seed });
      return [...masks.get('d1/kernel')!].join('');
    };
    expect(await maskOf(3)).toBe(await maskOf(3));
    expect(await maskOf(3)).not.toBe(await maskOf(4));
  });

  it('draws whole inputs or outputs at random', async () => {
    const draw = async (type: 'input' | 'output', seed: number) => {
      const options = { sparsity: 0.5, criterion: 'random', structure: { type }, seed } as const;
      const mask = (await pruneOnce(smallModel(), options)).masks.get('d1/kernel')!;
      const parts = Array.from({ length: type === 'input' ? 6 : 8 }, (_, part) =>
        mask.filter((_bit, i) => (type === 'input' ? i >> 3 : i & 7) === part),
      );
      for (const part of parts) expect(new Set(part).size).toBe(1);
      return parts.map(([bit]) => bit!);
    };
    for (const [type, kept] of [
      ['input', 3],
      ['output', 4],
    ] as const) {
      const drawn = [1, 2, 3, 4].map((seed) => draw(type, seed));
      for (const parts of await Promise.all(drawn)) expect(ones(Uint8Array.from(parts))).toBe(kept);
      expect(new Set((await Promise.all(drawn)).map(String)).size).toBeGreaterThan(1);
    }
  });

  it('gives Zhou the values before training', async () => {
    const initial = smallModel();
    const trained = smallModel();
    trained.setWeights(trained.getWeights().map((weight) => weight.add(0)));
    const moved = tf.tensor1d(Array.from({ length: 24 }, (_, i) => (i < 12 ? i + 1 : 0))).reshape([8, 3]);
    const [kernel, bias] = initial.layers[1]!.getWeights();
    trained.layers[1]!.setWeights([kernel!.add(moved), bias!]);
    const { masks } = await pruneOnce(trained, { sparsity: 0.5, criterion: 'zhou:movement', initial });
    expect([...masks.get('d2/kernel')!]).toEqual(Array.from({ length: 24 }, (_, i) => (i < 12 ? 1 : 0)));
  });

  it("asks the caller's own function", async () => {
    const { masks } = await pruneOnce(smallModel(), {
      sparsity: 0.5,
      criterion: ({ values }) => values.map((_, i) => i),
    });
    expect([...masks.get('d2/kernel')!]).toEqual(Array.from({ length: 24 }, (_, i) => (i < 12 ? 0 : 1)));
  });
});

describe('bad input, which leaves the model as it was', () => {
  const refused: [string, Record<string, unknown>, Partial<SparseError>][] = [
    ['a sparsity above 1', { sparsity: 1.5 }, { code: 'ERR_SPARSE_OPTION', received: 1.5 }],
    ['a sparsity below 0', { sparsity: -0.1 }, { code: 'ERR_SPARSE_OPTION', received: -0.1 }],
    [
      'Wanda’s variant for another criterion',
      { sparsity: 0.5, alphaSearch: true },
      { code: 'ERR_SPARSE_OPTION', tensor: 'alphaSearch' },
    ],
    ['a sparsity of NaN', { sparsity: Number.NaN }, { code: 'ERR_SPARSE_OPTION', received: Number.NaN }],
    ['no sparsity', {}, { code: 'ERR_SPARSE_ARGUMENT' }],
    ['a bad target of a layer', { sparsity: { d1: 2 } }, { code: 'ERR_SPARSE_OPTION', received: 2 }],
    ['an unknown layer', { sparsity: { d9: 0.5 } }, { code: 'ERR_SPARSE_OPTION', layer: 'd9' }],
    [
      'a block larger than the matrix',
      { sparsity: 0.5, structure: { type: 'block', inputs: 1, outputs: 9 } },
      { code: 'ERR_SPARSE_SHAPE', tensor: 'd1/kernel', received: [1, 9] },
    ],
    [
      'N:M with N > M',
      { structure: { type: 'nm', keep: 5, of: 4 } },
      { code: 'ERR_SPARSE_OPTION', received: 5 },
    ],
    ['an unknown option', { sparsity: 0.5, critérion: 'random' }, { code: 'ERR_SPARSE_OPTION' }],
    [
      'an unknown criterion',
      { sparsity: 0.5, criterion: 'magic' },
      { code: 'ERR_SPARSE_OPTION', received: 'magic' },
    ],
    ['no iteration', { sparsity: 0.5, iterations: 0 }, { code: 'ERR_SPARSE_OPTION', received: 0 }],
    [
      'targets by layer in a global ranking',
      { sparsity: { d1: 0.5 }, scope: 'global' },
      { code: 'ERR_SPARSE_OPTION' },
    ],
    ['a policy that is no function', { sparsity: 0.5, policy: 'd1' }, { code: 'ERR_SPARSE_ARGUMENT' }],
    [
      'a policy that says no to all',
      { sparsity: 0.5, policy: () => false },
      { code: 'ERR_SPARSE_MODEL', layer: 'd1' },
    ],
  ];
  it.each(refused)('refuses %s', async (_, config, facts) => {
    const model = smallModel();
    const before = snapshot(model);
    expect(await refusal(model, config as PruneOnceConfig)).toMatchObject(facts);
    expect(snapshot(model)).toEqual(before);
  });

  it('names a layer without weights', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'd', units: 2, inputShape: [2] }),
        tf.layers.dropout({ name: 'drop', rate: 0.5 }),
      ],
    });
    const error = await refusal(model, { sparsity: { drop: 0.5 } });
    expect(error).toMatchObject({
      layer: 'drop',
      expected: ['d'],
      received: 'Dropout without a prunable weight',
    });
    expect(error.message).toContain('drop');
  });

  it('names the weight that has a NaN', async () => {
    const model = smallModel();
    model.layers[1]!.setWeights([tf.fill([8, 3], Number.NaN), tf.zeros([3])]);
    expect(await refusal(model, { sparsity: 0.5 })).toMatchObject({
      code: 'ERR_SPARSE_NAN',
      tensor: 'd2/kernel',
    });
  });

  it('refuses a model that is not built, is disposed, is wrapped, or is no model', async () => {
    const unbuilt = tf.sequential();
    const disposed = smallModel();
    disposed.dispose();
    const wrapped = pruneLowMagnitude(smallModel(), {
      pruningSchedule: constantSparsity({ targetSparsity: 0.5 }),
    });
    const foreign = { predict: () => undefined } as unknown as tf.LayersModel;
    class Halved extends tf.Sequential {
      override call(inputs: tf.Tensor, kwargs: Record<string, unknown>) {
        return tf.div(super.call(inputs, kwargs) as tf.Tensor, 2);
      }
    }
    const subclassed = new Halved({ layers: smallModel().layers });
    for (const model of [unbuilt, disposed, wrapped, foreign, subclassed]) {
      expect((await refusal(model, { sparsity: 0.5 })).code).toBe('ERR_SPARSE_MODEL');
    }
  });

  it('refuses two layers of one name, whose masks would overwrite each other', async () => {
    const inner = (name: string) =>
      tf.sequential({ name, layers: [tf.layers.dense({ name: 'same', units: 2, inputShape: [2] })] });
    const model = tf.sequential();
    model.add(inner('a'));
    model.add(inner('b'));
    expect(await refusal(model, { sparsity: 0.5 })).toMatchObject({
      code: 'ERR_SPARSE_MODEL',
      layer: 'same',
    });
  });

  it('stops when the caller aborts', async () => {
    const controller = new AbortController();
    const pruning = refusal(smallModel(), {
      sparsity: 0.9,
      iterations: 5,
      signal: controller.signal,
      onProgress: ({ iteration }) => iteration === 2 && controller.abort(new Error('enough')),
    });
    const error = await pruning;
    expect(error.code).toBe('ERR_SPARSE_ABORTED');
    expect((error.cause as Error).message).toBe('enough');
  });
});
