import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../helpers/temp-folder.ts';
import { tf } from '../backends.ts';
import { recordsOf, tinyData, tinyModel, tinyStudy } from './problem.ts';
import { type Given, studies } from './studies.ts';

describe.each(Object.entries(studies))('%s', (name, study) => {
  const temporary = temporaryFolder();
  const folder = (which: string) => temporary(which);

  it('gives the same records for the same seed, and others for another', async () => {
    const [first, again, other] = [
      await recordsOf(study({ seed: 1 })),
      await recordsOf(study({ seed: 1 })),
      await recordsOf(study({ seed: 2 })),
    ];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('gives the same records with a folder, and again from it without training', async () => {
    const plain = await recordsOf(study({}));
    expect(await recordsOf(study({ folder: folder('whole') }))).toEqual(plain);
    const files = await readdir(folder('whole'));
    const times = () =>
      Promise.all(files.map(async (file) => (await stat(path.join(folder('whole'), file))).mtimeMs));
    const before = await times();
    expect(await recordsOf(study({ folder: folder('whole') }))).toEqual(plain);
    expect(await times()).toEqual(before);
  });

  it('goes on from where it was stopped, wherever that was, to the same records', async () => {
    const plain = await recordsOf(study({}));
    for (const stopAfter of new Set([1, Math.floor(plain.length / 3), Math.floor(plain.length / 2)])) {
      const controller = new AbortController();
      const seen: object[] = [];
      const options = { folder: folder(`stopped-${stopAfter}`), signal: controller.signal };
      const stopped = (async () => {
        for await (const record of study(options)) {
          seen.push(record);
          if (seen.length === stopAfter) controller.abort(new Error('enough'));
        }
      })();
      await expect(stopped).rejects.toMatchObject({ code: 'ERR_SPARSE_ABORTED', cause: new Error('enough') });
      expect(seen).toEqual(plain.slice(0, seen.length));
      const resumed = await recordsOf(study({ folder: folder(`stopped-${stopAfter}`) }));
      expect(resumed).toEqual(plain);
    }
  });

  it('does a part again whose file is gone, and refuses one that is damaged', async () => {
    const plain = await recordsOf(study({ folder: folder('parts') }));
    const parts = (await readdir(folder('parts'))).filter((file) => file.endsWith('.safetensors')).sort();
    expect(parts.length).toBeGreaterThan(1);
    await rm(path.join(folder('parts'), parts.at(-1)!));
    expect(await recordsOf(study({ folder: folder('parts') }))).toEqual(plain);
    const file = path.join(folder('parts'), parts[0]!);
    await writeFile(file, (await readFile(file)).subarray(0, 20));
    await expect(recordsOf(study({ folder: folder('parts') }))).rejects.toMatchObject({
      code: 'ERR_SPARSE_FILE',
    });
  });

  it('refuses the folder of a study with another seed, other data or another model', async () => {
    await recordsOf(study({ folder: folder('other') }));
    const refused = async (given: Given, key: string) => {
      const other = recordsOf(study({ folder: folder('other'), ...given }));
      await expect(other).rejects.toMatchObject({ code: 'ERR_SPARSE_OPTION', tensor: key });
    };
    await refused({ seed: 5 }, 'seed');
    await refused({ data: tinyData(64, 3) }, 'data');
    await refused({ model: tinyModel(7) }, 'model');
    await refused({ batchSize: 8 }, 'batchSize');
  });

  it('leaves the model as it was and no tensor behind, also when its caller leaves early', async () => {
    const given = tinyStudy();
    const model = given.model;
    const before = model.getWeights().map((weight) => [...weight.dataSync()]);
    await recordsOf(study({ model }));
    const { numTensors } = tf.memory();
    await recordsOf(study({ model }));
    expect(tf.memory().numTensors).toBe(numTensors);
    for await (const _ of study({ model })) break;
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
  });

  it('takes batches from a function, and disposes them', async () => {
    const { xs, ys } = tinyData(64, 1);
    const asked: { epoch: number; seed: number }[] = [];
    function* batches(order: { epoch: number; seed: number }) {
      asked.push(order);
      for (let i = 0; i < 4; i++) {
        yield {
          xs: tf.tensor(xs.values.slice(64 * i, 64 * (i + 1)), [16, 4]),
          ys: tf.tensor(ys.values.slice(48 * i, 48 * (i + 1)), [16, 3]),
        };
      }
    }
    const model = tinyModel();
    const first = await recordsOf(study({ model, data: batches }));
    const { numTensors } = tf.memory();
    expect(await recordsOf(study({ model, data: batches }))).toEqual(first);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(asked.some(({ epoch }) => epoch === 1)).toBe(true);
    expect(new Set(asked.filter(({ epoch }) => epoch === 0).map(({ seed }) => seed)).size).toBe(
      name === 'linearModeConnectivity' ? 4 : name === 'pruningRecipe, trained' ? 2 : 1,
    );
  });

  it('refuses bad options before it does anything', async () => {
    const refused = async (given: object, code: string, tensor?: string) => {
      const records = recordsOf(study(given as Given));
      await expect(records).rejects.toMatchObject({ code, ...(tensor && { tensor }) });
    };
    await refused({ epochs: 0 }, 'ERR_SPARSE_OPTION');
    await refused({ epoch: 3 }, 'ERR_SPARSE_OPTION');
    await refused({ batchSize: 1.5 }, 'ERR_SPARSE_OPTION');
    await refused({ seed: -1 }, 'ERR_SPARSE_OPTION');
    await refused({ learningRates: [] }, 'ERR_SPARSE_OPTION', 'learningRates');
    await refused({ evaluateEvery: 0 }, 'ERR_SPARSE_OPTION');
    await refused({ model: {} }, 'ERR_SPARSE_MODEL');
    await refused({ compile: 'adam' }, 'ERR_SPARSE_ARGUMENT', 'compile');
    await refused({ compile: () => {} }, 'ERR_SPARSE_OPTION', 'compile');
    await refused({ folder: '' }, 'ERR_SPARSE_ARGUMENT', 'folder');
    await refused({ signal: 1 }, 'ERR_SPARSE_ARGUMENT', 'signal');
    await refused({ signal: AbortSignal.abort() }, 'ERR_SPARSE_ABORTED');
    await refused({ data: 3 }, 'ERR_SPARSE_ARGUMENT');
    await refused({ data: { xs: tinyData(4, 1).xs, ys: tinyData(5, 1).ys } }, 'ERR_SPARSE_SHAPE');
    await refused(
      { data: { ...tinyData(4, 1), xs: { values: new Float32Array(3), shape: [4, 4] } } },
      'ERR_SPARSE_SHAPE',
    );
    await refused({ data: () => [] }, 'ERR_SPARSE_ARGUMENT', 'data');
  });

  it('refuses an optimizer that was used before: its moments would go on', async () => {
    const optimizer = tf.train.adam(0.01);
    const compile = (model: tf.LayersModel) =>
      model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await expect(recordsOf(study({ compile }))).rejects.toMatchObject({
      code: 'ERR_SPARSE_OPTION',
      tensor: 'compile',
    });
  });
});
