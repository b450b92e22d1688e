import { describe, expect, it } from 'vitest';
import {
  constantSparsity,
  getSparsity,
  type PruneConfig,
  polynomialDecay,
  prune,
  stripPruning,
  updatePruningStep,
} from '../../../lib/pruning.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, leaks, prunedWeights, smallModel, snapshot, zerosOf } from './models.ts';

const half = () => constantSparsity({ targetSparsity: 0.5, frequency: 1 });
const three = () => constantSparsity({ targetSparsity: 0.75, frequency: 1 });

async function train(config: PruneConfig, given: tf.LayersModel = smallModel(), epochs = 2) {
  const model = prune(given, config);
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const { x, y } = data(16);
  const zeros: number[][] = [];
  const tensors: number[] = [];
  const follow = new tf.CustomCallback({
    onBatchEnd: async (batch) => {
      zeros.push(zerosOf(model));
      for (const weight of prunedWeights(model)) {
        if (weight.exact) expect(leaks(weight, weight.variable.dataSync())).toBe(0);
      }
      if (batch > 0) tensors.push(tf.memory().numTensors);
    },
  });
  const callbacks = [updatePruningStep(), follow];
  await model.fit(x, y, { batchSize: 4, epochs, shuffle: false, verbose: 0, callbacks });
  return { model, zeros, tensors };
}
const masksOf = (model: tf.LayersModel) => prunedWeights(model).map((weight) => [...weight.readMask()]);
const keptBy = (scores: number[], count: number) => {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return scores.map((_, i) => Number(order.indexOf(i) < count));
};

onEveryBackend(() => {
  const criteria = [
    'magnitude',
    'random',
    'zhou:large_final',
    'zhou:small_final',
    'zhou:random',
    'zhou:large_init',
    'zhou:small_init',
    'zhou:large_init_large_final',
    'zhou:small_init_small_final',
    'zhou:magnitude_increase',
    'zhou:movement',
  ] as const;
  it.each(criteria)(
    'keeps the exact number of weights by %s, at every step, and no tensors',
    async (criterion) => {
      const schedule = polynomialDecay({
        initialSparsity: 0.25,
        finalSparsity: 0.75,
        beginStep: 1,
        endStep: 4,
        power: 1,
        frequency: 3,
      });
      const { zeros, tensors, model } = await train({ schedule, criterion });
      expect(zeros).toEqual([...Array(3).fill([12, 6]), ...Array(5).fill([36, 18])]);
      expect(new Set(tensors.slice(0, 3)).size).toBe(1);
      expect(model.layers.map(({ name }) => name)).toEqual(['pruned_d1', 'pruned_d2']);
    },
  );

  it('ranks all layers at once with scope global', async () => {
    const given = smallModel();
    const before = snapshot(given);
    const model = prune(given, { schedule: three(), scope: 'global' });
    const { x } = data(2);
    tf.dispose(tf.grad((t: tf.Tensor) => (model.apply(t, { training: true }) as tf.Tensor).sum())(x));
    const all = [...before[0]!, ...before[2]!].map(Math.abs);
    expect(masksOf(model).flat()).toEqual(keptBy(all, 18));
    expect(zerosOf(model).reduce((a, b) => a + b)).toBe(54);
    expect(snapshot(given)).toEqual(before);
  });

  it('shares the sparsity by distributions', async () => {
    const erk = await train({ schedule: half(), distribution: 'erk' });
    expect(zerosOf(erk.model)).toEqual([28, 8]);
    const table = await train({ schedule: half(), distribution: { d1: 0.75, 'd2/kernel': 0.25 } });
    expect(zerosOf(table.model)).toEqual([36, 6]);
    const own = await train({
      schedule: half(),
      distribution: ({ key }) => (key === 'd1/kernel' ? 0.25 : undefined),
    });
    expect(zerosOf(own.model)).toEqual([12, 12]);
  });

  it('prunes in every structure', async () => {
    const zerosBy = async (config: Partial<PruneConfig>) =>
      zerosOf((await train({ schedule: half(), ...config })).model);
    expect(await zerosBy({ structure: { type: 'block', inputs: 3, outputs: 2, pooling: 'max' } })).toEqual([
      24, 12,
    ]);
    expect(await zerosBy({ structure: { type: 'nm', keep: 1, of: 2 } })).toEqual([24, 12]);
    expect(await zerosBy({ structure: { type: 'balanced', group: 2 } })).toEqual([24, 12]);
    expect(await zerosBy({ structure: { type: 'input', order: 1 } })).toEqual([24, 12]);
    expect(await zerosBy({ structure: { type: 'output' } })).toEqual([24, 8]);
    expect(await zerosBy({ structure: { type: 'output' }, scope: 'global' })).toEqual(expect.any(Array));
    // Biases of pruned outputs go with them.
    expect(await zerosBy({ structure: { type: 'output' }, biases: true })).toEqual([24, 4, 8, 1]);
  });

  it('takes a criterion of one’s own', async () => {
    const seen: string[] = [];
    const { model } = await train({
      schedule: half(),
      criterion: ({ layer, name, values, initial }) => {
        seen.push(`${layer}/${name} ${initial?.length}`);
        return values.map((_, i) => i);
      },
    });
    expect(seen.slice(0, 2)).toEqual(['d1/kernel 48', 'd2/kernel 24']);
    expect(masksOf(model)).toEqual(
      [48, 24].map((n) => Array.from({ length: n }, (_, i) => Number(i >= n / 2))),
    );
  });
});

describe('prune', () => {
  it('counts by the rule of another tool, and trains exactly', async () => {
    const schedule = () => constantSparsity({ targetSparsity: 0.9, frequency: 1 });
    for (const [compat, expected] of [
      ['exact', [43, 22]],
      ['torch', [43, 22]],
      ['synflow', [43, 21]],
      ['openlth', [45, 23]],
    ] as const) {
      const { model } = await train({ schedule: schedule(), compat });
      expect([compat, zerosOf(model)]).toEqual([compat, expected]);
    }
  });

  it('is pruneLowMagnitude with compat tfmot', async () => {
    const given = smallModel();
    const { model } = await train(
      { schedule: half(), compat: 'tfmot', structure: { type: 'nm', keep: 1, of: 4 } },
      given,
    );
    expect(model.layers.map((layer) => layer.getClassName())).toEqual([
      'PruneLowMagnitude',
      'PruneLowMagnitude',
    ]);
    expect(model.layers[0]!.getConfig()).toMatchObject({ sparsityMByN: [3, 4], compat: 'tfmot' });
    expect(getSparsity(given).total).toBeGreaterThan(0.5);
  });

  it('leaves the given model as it was, and its strip predicts the same', async () => {
    const given = smallModel();
    const before = snapshot(given);
    const { model } = await train({ schedule: half(), scope: 'global' }, given);
    expect(snapshot(given)).toEqual(before);
    const { x } = data(5);
    const [a, b] = [model, stripPruning(model)].map((one) => [...(one.predict(x) as tf.Tensor).dataSync()]);
    expect(b).toEqual(a);
  });

  it('never brings a weight back while the sparsity grows, whatever the criterion says of zeros', async () => {
    const schedule = polynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 1,
      endStep: 8,
      power: 1,
      frequency: 1,
    });
    const model = prune(smallModel(), { schedule, criterion: 'zhou:small_final' });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    let last = masksOf(model);
    for (let step = 0; step < 8; step++) {
      await model.trainOnBatch(x, y);
      const now = masksOf(model);
      for (const [w, mask] of now.entries())
        for (const [i, bit] of mask.entries()) expect(bit).toBeLessThanOrEqual(last[w]![i]!);
      last = now;
    }
    expect(zerosOf(model)).toEqual([36, 18]);
  });

  it('can empty a layer in a global ranking only where asked', async () => {
    const small = () => {
      const given = smallModel();
      given.layers[1]!.setWeights([tf.fill([8, 3], 1e-6), tf.zeros([3])]);
      return given;
    };
    const first = async (minKept?: number) => {
      const model = prune(small(), {
        schedule: half(),
        scope: 'global',
        ...(minKept !== undefined && { minKept }),
      });
      const { x } = data(2);
      tf.dispose(tf.grad((t: tf.Tensor) => (model.apply(t, { training: true }) as tf.Tensor).sum())(x));
      return zerosOf(model);
    };
    expect(await first()).toEqual([13, 23]);
    expect(await first(0)).toEqual([12, 24]);
    expect(await first(5)).toEqual([17, 19]);
  });

  const refused: [string, unknown, string, RegExp][] = [
    ['no configuration', undefined, 'ERR_SPARSE_ARGUMENT', /prune/],
    ['no schedule', {}, 'ERR_SPARSE_ARGUMENT', /schedule.*constantSparsity/],
    [
      'a misspelt option',
      { schedule: half(), criteria: 'magnitude' },
      'ERR_SPARSE_OPTION',
      /"criteria".*criterion/,
    ],
    [
      'an unknown criterion',
      { schedule: half(), criterion: 'snip' },
      'ERR_SPARSE_OPTION',
      /"snip".*pruneOnce/,
    ],
    ['an unknown structure', { schedule: half(), structure: { type: 'rows' } }, 'ERR_SPARSE_OPTION', /rows/],
    [
      'N:M with N over M',
      { schedule: half(), structure: { type: 'nm', keep: 5, of: 4 } },
      'ERR_SPARSE_OPTION',
      /keep/,
    ],
    [
      'a block over the matrix',
      { schedule: half(), structure: { type: 'block', inputs: 7, outputs: 1 } },
      'ERR_SPARSE_SHAPE',
      /kernel of layer "d1" has shape \[6,8\].*\[7, 1\]/,
    ],
    [
      'groups ranked globally',
      { schedule: half(), scope: 'global', structure: { type: 'balanced' } },
      'ERR_SPARSE_OPTION',
      /balanced/,
    ],
    [
      'a global distribution',
      { schedule: half(), scope: 'global', distribution: 'erk' },
      'ERR_SPARSE_OPTION',
      /distribution/,
    ],
    [
      'a structure that a tool has not',
      { schedule: half(), compat: 'openlth', structure: { type: 'output' } },
      'ERR_SPARSE_OPTION',
      /openlth/,
    ],
    [
      'what TFMOT has not',
      { schedule: half(), compat: 'tfmot', scope: 'global' },
      'ERR_SPARSE_OPTION',
      /TFMOT/,
    ],
    ['an unknown distribution', { schedule: half(), distribution: 'even' }, 'ERR_SPARSE_OPTION', /even/],
    [
      'a table of unknown layers',
      { schedule: half(), distribution: { d3: 0.5 } },
      'ERR_SPARSE_OPTION',
      /"d3".*d1/,
    ],
    [
      'a negative threshold',
      { schedule: half(), criterion: { type: 'movement', soft: true, threshold: -1 } },
      'ERR_SPARSE_OPTION',
      /threshold/,
    ],
    [
      'a penalty without threshold',
      { schedule: half(), criterion: { type: 'movement', soft: false, lambda: 1 } },
      'ERR_SPARSE_OPTION',
      /lambda/,
    ],
    [
      'a rate that is NaN',
      { schedule: half(), criterion: { type: 'movement', soft: false, scoreLearningRate: Number.NaN } },
      'ERR_SPARSE_OPTION',
      /scoreLearningRate/,
    ],
    ['a policy by name', { schedule: half(), policy: 'Dense' }, 'ERR_SPARSE_ARGUMENT', /policy/],
    [
      'a policy without layers',
      { schedule: half(), policy: () => false },
      'ERR_SPARSE_MODEL',
      /prunable weight/,
    ],
    [
      'a table with a schedule of no end',
      {
        schedule: {
          at: () => ({ prune: true, sparsity: 0.5 }),
          getConfig: () => ({ className: 'Own', config: {} }),
        },
        distribution: { d1: 0.5 },
      },
      'ERR_SPARSE_OPTION',
      /finalSparsity/,
    ],
  ];
  it.each(refused)('refuses %s and leaves the model as it was', (_what, config, code, message) => {
    const given = smallModel();
    const before = snapshot(given);
    const tensors = tf.memory().numTensors;
    expect(() => prune(given, config as never)).toThrowError(
      expect.objectContaining({ name: 'SparseError', code, message: expect.stringMatching(message) }),
    );
    expect(snapshot(given)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('stops at a weight that is NaN, and no mask has changed', async () => {
    const given = smallModel();
    given.layers[1]!.setWeights([tf.fill([8, 3], Number.NaN), tf.zeros([3])]);
    const model = prune(given, { schedule: half(), scope: 'global' });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    await expect(model.trainOnBatch(x, y)).rejects.toMatchObject({
      code: 'ERR_SPARSE_NAN',
      message: expect.stringContaining('d2/kernel'),
    });
    expect(masksOf(model).flat()).not.toContain(0);
  });
});
