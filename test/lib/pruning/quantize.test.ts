import { describe, expect, it } from 'vitest';
import { pruneOnce } from '../../../lib/pruning/prune-once.ts';
import { type ModelQuantization, type QuantizedModel, quantize } from '../../../lib/pruning/quantize.ts';
import { dequantizeWeights } from '../../../lib/pruning/quantize-weights.ts';
import { onEveryBackend, tf } from './backends.ts';
import { data, smallModel, snapshot } from './models.ts';

const types: ModelQuantization[] = ['float16', 'uint8', 'int8', 'dynamicRange'];
const load = (artifacts: QuantizedModel['artifacts']) => tf.loadLayersModel(tf.io.fromMemory(artifacts));

onEveryBackend(() => {
  it.each(types)('%s: a plain loader reads it, zeros stay exactly zero', async (type) => {
    const { model } = await pruneOnce(smallModel(), { sparsity: 0.75 });
    const before = snapshot(model);
    const { artifacts, weights, report } = await quantize(model, { type });
    expect(snapshot(model)).toEqual(before);
    const loaded = await load(artifacts);
    const after = snapshot(loaded);
    before.forEach((values, w) => {
      const largest = Math.max(...values.map(Math.abs));
      values.forEach((value, i) => {
        if (value === 0) expect(after[w]![i]).toBe(0);
        // Half a step: 2^-11 of a half's own size, 1/255 or 2/254 of the range.
        const step = type === 'float16' ? 2 ** -10 * Math.abs(value) : (2 * largest) / 254;
        expect(Math.abs(after[w]![i]! - value)).toBeLessThanOrEqual(0.5001 * step);
      });
    });
    const packed = dequantizeWeights(weights.get('d1/kernel')!);
    after[0]!.forEach((value, i) => {
      expect(value).toBeCloseTo(packed[i]!, 6);
    });
    for (const { zeros } of report.weights) expect(zeros.after).toBeGreaterThanOrEqual(zeros.before);
    const { x } = data(4);
    const [a, b] = [model.predict(x) as tf.Tensor, loaded.predict(x) as tf.Tensor];
    expect(a.sub(b).abs().max().dataSync()[0]).toBeLessThan(0.05);
  });

  it('leaks no tensor', async () => {
    const model = smallModel();
    await quantize(model, { type: 'uint8' });
    const { numTensors } = tf.memory();
    await quantize(model, { type: 'uint8' });
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('quantize', () => {
  it('counts bytes: 8 bits for kernels, 16 for everything, 32 for the rest', async () => {
    const [kernels, biases] = [48 + 24, 8 + 3];
    const eight = (await quantize(smallModel(), { type: 'int8' })).report;
    expect(eight).toMatchObject({ rawBytes: 4 * (kernels + biases), storedBytes: kernels + 4 * biases });
    expect(eight.packedBytes).toBe(kernels + 2 * 4 + 4 * biases);
    const half = (await quantize(smallModel(), { type: 'float16' })).report;
    expect(half.storedBytes).toBe(2 * (kernels + biases));
    expect(half.weights.map(({ key }) => key)).toEqual(['d1/kernel', 'd1/bias', 'd2/kernel', 'd2/bias']);
  });

  it('keeps a scale per channel, which model.json cannot say, in float32 there and in 8 bits beside it', async () => {
    const model = smallModel();
    const [kernel, bias] = model.layers[1]!.getWeights();
    model.layers[1]!.setWeights([kernel!.mul(tf.tensor1d([1, 100, 0.01])), bias!]);
    const error = async (perChannel: boolean) => {
      const { artifacts, report, weights } = await quantize(model, { type: 'int8', perChannel });
      const loaded = await load(artifacts);
      const [wanted, got] = [model, loaded].map((one) =>
        one.layers[1]!.getWeights()[0]!.slice([0, 2], [8, 1]),
      );
      const entry = report.weights.find(({ key }) => key === 'd2/kernel')!;
      expect(entry.stored).toBe(perChannel ? 'float32' : 'uint8');
      expect(entry.storedBytes).toBe(perChannel ? 4 * 24 : 24);
      expect(entry.packedBytes).toBe(24 + 4 * (perChannel ? 3 : 1));
      expect(weights.get('d2/kernel')!.scale.length).toBe(perChannel ? 3 : 1);
      return wanted!.sub(got!).abs().max().dataSync()[0]!;
    };
    expect(await error(true)).toBeLessThan((await error(false)) / 10);
  });

  it('takes masks: what they prune is zero, whatever stands in the model', async () => {
    const model = smallModel();
    const mask = Uint8Array.from({ length: 24 }, (_, i) => i % 2);
    const { artifacts, report } = await quantize(model, {
      type: 'uint8',
      masks: new Map([['d2/kernel', mask]]),
    });
    const values = (await load(artifacts)).layers[1]!.getWeights()[0]!.dataSync();
    expect(values.every((value, i) => mask[i] === 1 || value === 0)).toBe(true);
    expect(report.weights.find(({ key }) => key === 'd2/kernel')!.zeros.before).toBe(12);
  });

  it('refuses masks of another model, unknown types, and numbers that do not fit', async () => {
    const masks = new Map([['d9/kernel', new Uint8Array(1)]]);
    await expect(quantize(smallModel(), { type: 'uint8', masks })).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      received: 'd9/kernel',
    });
    await expect(quantize(smallModel(), { type: 'int4' as 'int8' })).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      received: 'int4',
    });
    const model = smallModel();
    model.layers[0]!.setWeights([tf.fill([6, 8], 1e6), tf.zeros([8])]);
    await expect(quantize(model, { type: 'float16' })).rejects.toMatchObject({ tensor: 'd1/kernel' });
    model.layers[0]!.setWeights([tf.fill([6, 8], Number.NaN), tf.zeros([8])]);
    await expect(quantize(model, { type: 'int8' })).rejects.toMatchObject({
      code: 'ERR_SPARSE_NAN',
      tensor: 'd1/kernel',
    });
  });
});
