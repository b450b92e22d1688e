import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type SensitivityOptions,
  type SensitivityRecord,
  sensitivity,
} from '../../../../lib/pruning/studies/sensitivity.ts';
import { onEveryBackend, tf } from '../backends.ts';
import { data, smallModel, snapshot } from '../models.ts';

function options(more: Partial<SensitivityOptions> = {}): SensitivityOptions {
  const { x, y } = data(32);
  return {
    model: smallModel(),
    compile: (model) => model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' }),
    validation: { xs: x, ys: y },
    sparsities: [0.5, 0.9],
    ...more,
  };
}

async function collect(given: SensitivityOptions): Promise<SensitivityRecord[]> {
  const records: SensitivityRecord[] = [];
  for await (const record of sensitivity(given)) records.push(record);
  return records;
}

const key = (record: SensitivityRecord) =>
  record.type === 'dense' ? 'dense' : `${record.layer} ${record.sparsity}`;

onEveryBackend(() => {
  it('tries every layer at every sparsity and leaves the model and the memory as they were', async () => {
    const given = options();
    const before = snapshot(given.model);
    await collect(given);
    const { numTensors } = tf.memory();
    const records = await collect(given);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(snapshot(given.model)).toEqual(before);
    expect(records.map(key)).toEqual(['dense', 'd1 0.5', 'd1 0.9', 'd2 0.5', 'd2 0.9']);
    for (const record of records) {
      expect(record.loss).toBeGreaterThan(0);
      if (record.type === 'layer') expect(record.deltaLoss).toBe(record.loss - records[0]!.loss);
    }
  });
});

describe('sensitivity', () => {
  it('prunes one layer only: sparsity 1 of the last layer leaves its biases', async () => {
    const given = options({ sparsities: [1], policy: ({ name }) => name === 'd2' });
    const [, point] = await collect(given);
    const { ys } = given.validation as { ys: tf.Tensor };
    expect(point!.loss).toBeCloseTo(ys.square().mean().dataSync()[0]!, 5);
  });

  it('reports what a measurement says, less the dense model', async () => {
    const measure = async (model: tf.LayersModel) => {
      const zeros = model.layers[0]!.getWeights()[0]!
        .dataSync()
        .filter((value) => value === 0).length;
      return { us: 10 - zeros / 10, bytes: 400 - zeros };
    };
    const [dense, point] = await collect(options({ measure, sparsities: [0.5] }));
    expect(dense).toMatchObject({ us: 10, bytes: 400 });
    expect(point).toMatchObject({ layer: 'd1', deltaBytes: -24 });
    expect((point as { deltaUs: number }).deltaUs).toBeCloseTo(-2.4, 12);
  });

  it('resumes from its folder without doing finished parts again', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sensitivity-'));
    try {
      const controller = new AbortController();
      const first: SensitivityRecord[] = [];
      const stopped = (async () => {
        for await (const record of sensitivity(options({ folder, signal: controller.signal }))) {
          first.push(record);
          if (first.length === 3) controller.abort();
        }
      })();
      await expect(stopped).rejects.toMatchObject({ code: 'ERR_SPARSE_ABORTED' });
      expect(readdirSync(folder).length).toBeGreaterThanOrEqual(3);
      let compiled = 0;
      const whole = options();
      const resumed = await collect({
        ...whole,
        folder,
        compile: (model) => {
          compiled++;
          whole.compile(model);
        },
      });
      expect(resumed).toEqual(await collect(whole));
      expect(resumed.slice(0, 3)).toEqual(first);
      expect(compiled).toBe(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tries N:M once per layer', async () => {
    const records = await collect(options({ structure: { type: 'nm', keep: 1, of: 4 } }));
    expect(records.map(key)).toEqual(['dense', 'd1 0.75', 'd2 0.75']);
  });

  it('refuses what it does not know', async () => {
    await expect(collect(options({ sparsities: [1.5] }))).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
    });
    await expect(collect({ ...options(), epochs: 3 } as never)).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
    });
    await expect(collect(options({ compile: undefined as never }))).rejects.toMatchObject({
      tensor: 'compile',
    });
  });
});
