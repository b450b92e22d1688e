import { describe, expect, it } from 'vitest';
import { FeatureNorms, wandaMask, wandaMetric } from '../../../lib/pruning/calibration/wanda.ts';
import { pruneOnce } from '../../../lib/pruning/prune-once.ts';
import type { PruneOnceConfig } from '../../../lib/pruning/prune-once-config.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, smallModel, snapshot } from './models.ts';

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

function transposed(values: ArrayLike<number>, rows: number, columns: number): Float32Array {
  return Float32Array.from(
    { length: values.length },
    (_, i) => values[(i % rows) * columns + Math.trunc(i / rows)]!,
  );
}

/** Mean squared distance of two models' predictions. */
function distance(a: tf.LayersModel, b: tf.LayersModel, x: tf.Tensor): number {
  const [p, q] = [a.predict(x) as tf.Tensor, b.predict(x) as tf.Tensor];
  return p.sub(q).square().mean().dataSync()[0]!;
}

onEveryBackend(() => {
  it('prunes by |w| times the norm of the input: the worked example', async () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ name: 'd', units: 2, useBias: false, inputShape: [4] })],
    });
    model.setWeights([
      tf
        .tensor2d([
          [1, -0.5, 0.2, 0.8],
          [0.3, 0.9, -0.4, 0.1],
        ])
        .transpose(),
    ]);
    const xs = tf.tensor2d([
      [1, 2, 0, 1],
      [2, 0, 1, 1],
    ]);
    const { masks } = await pruneOnce(model, { sparsity: 0.5, criterion: 'wanda', data: [{ xs }] });
    // Output 0 loses inputs 1 and 2, output 1 inputs 2 and 3.
    expect([...masks.get('d/kernel')!]).toEqual([1, 1, 0, 1, 0, 0, 1, 0]);
  });

  it('searches one share of the scores for all outputs, by Wanda’s variant', async () => {
    const model = smallModel();
    const { x } = data(16);
    const run = (alphaSearch: boolean) =>
      pruneOnce(model, { sparsity: 0.5, criterion: 'wanda', alphaSearch, data: [{ xs: x }] });
    const zerosByOutput = async (alphaSearch: boolean) => {
      const mask = (await run(alphaSearch)).masks.get('d1/kernel')!;
      return Array.from({ length: 8 }, (_, output) => 6 - sum(mask.filter((_bit, i) => i % 8 === output)));
    };
    expect(new Set(await zerosByOutput(false))).toEqual(new Set([3]));
    const searched = await zerosByOutput(true);
    expect(new Set(searched).size).toBeGreaterThan(1);
    expect(Math.abs(sum(searched) - 24)).toBeLessThanOrEqual(2);
  });

  it('calibrates each layer on what the pruned layers before it let through', async () => {
    const model = smallModel();
    const { x } = data(16);
    const { masks, model: pruned } = await pruneOnce(model, {
      sparsity: 0.5,
      criterion: 'wanda',
      data: [{ xs: x }],
    });
    const first = tf.model({ inputs: pruned.inputs, outputs: pruned.layers[0]!.output as tf.SymbolicTensor });
    const hidden = first.predict(x) as tf.Tensor;
    const norms = new FeatureNorms(8);
    norms.add(Float32Array.from(hidden.dataSync()), hidden.shape);
    const kernel = transposed(model.layers[1]!.getWeights()[0]!.dataSync(), 8, 3);
    const mask = wandaMask(wandaMetric(kernel, [3, 8], norms.scalerRow), [3, 8], { sparsity: 0.5 });
    expect([...masks.get('d2/kernel')!]).toEqual([...transposed(mask, 3, 8)]);
  });

  it('lets the weights that stay make up for those that go', async () => {
    const model = smallModel();
    const { x } = data(64);
    const run = async (criterion: 'magnitude' | 'sparsegpt') => {
      const { model: pruned, masks } = await pruneOnce(model, {
        sparsity: 0.5,
        criterion,
        ...(criterion === 'sparsegpt' && { data: [{ xs: x }] }),
      });
      for (const layer of pruned.layers) {
        const values = layer.getWeights()[0]!.dataSync();
        const mask = masks.get(`${layer.name}/kernel`)!;
        expect(values.every((value, i) => mask[i] === 1 || value === 0)).toBe(true);
      }
      return distance(model, pruned, x);
    };
    expect(await run('sparsegpt')).toBeLessThan(await run('magnitude'));
  });

  it.each(['wanda', 'sparsegpt'] as const)(
    '%s leaves the model and the memory as they were',
    async (criterion) => {
      const model = smallModel();
      const before = snapshot(model);
      const { x } = data(8);
      const run = async () =>
        (await pruneOnce(model, { sparsity: 0.5, criterion, data: [{ xs: x }] })).model.dispose();
      await run();
      const { numTensors } = tf.memory();
      await run();
      expect(tf.memory().numTensors).toBe(numTensors);
      expect(snapshot(model)).toEqual(before);
    },
  );
});

describe('targets', () => {
  const batch = () => [{ xs: data(8).x }];

  it('keeps N of M of every output', async () => {
    for (const criterion of ['wanda', 'sparsegpt'] as const) {
      const { masks } = await pruneOnce(smallModel(), {
        criterion,
        structure: { type: 'nm', keep: 1, of: 2 },
        data: batch(),
      });
      const kernel = masks.get('d1/kernel')!;
      for (let input = 0; input < 6; input += 2) {
        for (let o = 0; o < 8; o++) expect(kernel[input * 8 + o]! + kernel[(input + 1) * 8 + o]!).toBe(1);
      }
    }
  });

  it('takes targets by layer and prunes a convolution', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ name: 'c', filters: 4, kernelSize: 3, inputShape: [6, 6, 2] }),
        tf.layers.flatten(),
        tf.layers.dense({ name: 'd', units: 3 }),
      ],
    });
    const { masks } = await pruneOnce(model, {
      sparsity: { c: 0.5 },
      criterion: 'wanda',
      data: [{ xs: tf.randomNormal([2, 6, 6, 2]) }],
    });
    expect([...masks].map(([key, mask]) => [key, sum(mask)])).toEqual([['c/kernel', 36]]);
  });

  it('leaves a layer of target 0 dense', async () => {
    const { masks } = await pruneOnce(smallModel(), {
      sparsity: { d1: 0, d2: 0.5 },
      criterion: 'sparsegpt',
      data: batch(),
    });
    expect(sum(masks.get('d1/kernel')!)).toBe(48);
    expect(sum(masks.get('d2/kernel')!)).toBeLessThanOrEqual(12);
  });

  const refused: [string, Partial<PruneOnceConfig>, object][] = [
    ['a global ranking', { scope: 'global' }, { tensor: 'scope' }],
    ["another tool's counts", { compat: 'torch' }, { tensor: 'compat' }],
    ['iterations', { iterations: 3 }, { tensor: 'iterations' }],
    ['biases', { biases: true }, { tensor: 'biases' }],
    [
      'blocks',
      { structure: { type: 'block', inputs: 1, outputs: 2 } },
      { tensor: 'structure', received: 'block' },
    ],
  ];
  it.each(refused)('refuses %s', async (_, options, facts) => {
    const pruning = pruneOnce(smallModel(), { sparsity: 0.5, criterion: 'wanda', data: batch(), ...options });
    await expect(pruning).rejects.toMatchObject({ code: 'ERR_SPARSE_OPTION', ...facts });
  });

  it('names a layer that cannot be calibrated before it does anything', async () => {
    const model = tf.sequential({
      layers: [tf.layers.lstm({ name: 'memory', units: 2, inputShape: [3, 2] })],
    });
    const pruning = pruneOnce(model, {
      sparsity: 0.5,
      criterion: 'sparsegpt',
      data: [{ xs: tf.ones([1, 3, 2]) }],
    });
    await expect(pruning).rejects.toMatchObject({ code: 'ERR_SPARSE_UNSUPPORTED_LAYER', layer: 'memory' });
  });

  it('stops between layers when the caller aborts', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const pruning = pruneOnce(smallModel(), {
      sparsity: 0.5,
      criterion: 'wanda',
      data: batch(),
      signal: controller.signal,
    });
    await expect(pruning).rejects.toMatchObject({ code: 'ERR_SPARSE_ABORTED' });
  });
});
