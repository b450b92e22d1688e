import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { constantSparsity, prune, pruningSummaries, updatePruningStep } from '../../../lib/pruning.ts';
import { runScript, urlOf } from '../../helpers/child.ts';
import { temporaryFolder } from '../../helpers/temp-folder.ts';
import { data, smallModel } from './models.ts';

const at = temporaryFolder();

/** Field numbers of a protocol buffer with their values: numbers, or bytes of what is nested. */
function fields(bytes: Buffer): [field: number, value: number | Buffer][] {
  const found: [number, number | Buffer][] = [];
  let at = 0;
  const varint = () => {
    let [value, shift] = [0, 1];
    for (;;) {
      const byte = bytes[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
      shift *= 128;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const take = (length: number) => {
      at += length;
      return bytes.subarray(at - length, at);
    };
    const read = [varint, () => take(8), () => take(varint()), undefined, undefined, () => take(4)][key & 7]!;
    found.push([key >> 3, read()]);
  }
  return found;
}
const one = (bytes: Buffer, field: number) => fields(bytes).find(([number]) => number === field)?.[1];

/** [tag, step, value] of every scalar of an event file, whose records are length (8), checksum (4), data, checksum (4). */
async function readScalars(folder: string): Promise<[string, number, number][]> {
  const [name] = (await readdir(folder)).filter((file) => file.includes('tfevents'));
  const bytes = await readFile(`${folder}/${name}`);
  const scalars: [string, number, number][] = [];
  for (let start = 0; start < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(start));
    const event = bytes.subarray(start + 12, start + 12 + length);
    start += 16 + length;
    // Event: 2 step, 5 summary; Summary: 1 value; Value: 1 tag, 2 number.
    const summary = one(event, 5);
    if (!Buffer.isBuffer(summary)) continue;
    const value = one(summary, 1) as Buffer;
    const number = one(value, 2) as Buffer;
    scalars.push([String(one(value, 1)), Number(one(event, 2) ?? 0), number.readFloatLE(0)]);
  }
  return scalars;
}

describe('pruningSummaries', () => {
  it('writes event files with the sparsity and the threshold of each mask', async () => {
    const model = prune(smallModel(), { schedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }) });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const { x, y } = data(8);
    const callbacks = [updatePruningStep(), pruningSummaries({ logDir: at('epochs') })];
    await model.fit(x, y, { batchSize: 4, epochs: 2, verbose: 0, callbacks });
    const scalars = await readScalars(at('epochs', 'metrics'));
    expect(scalars.map(([tag, step]) => `${tag} ${step}`)).toEqual(
      [0, 2].flatMap((step) =>
        ['pruned_d1', 'pruned_d2'].flatMap((layer) => [
          `${layer}/mask/sparsity ${step}`,
          `${layer}/threshold/threshold ${step}`,
        ]),
      ),
    );
    const values = scalars.filter(([tag]) => tag.endsWith('sparsity')).map(([, , value]) => value);
    expect(values).toEqual([0, 0, 0.5, 0.5]);
    expect(
      scalars
        .filter(([tag, step]) => tag.endsWith('threshold') && step === 2)
        .every(([, , value]) => value > 0),
    ).toBe(true);
  });

  it('writes after every so many batches where asked', async () => {
    const model = prune(smallModel(), { schedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }) });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(10);
    const callbacks = [updatePruningStep(), pruningSummaries({ logDir: at('batches'), updateFreq: 2 })];
    await model.fit(x, y, { batchSize: 2, epochs: 1, verbose: 0, callbacks });
    const steps = (await readScalars(at('batches', 'metrics'))).map(([, step]) => step);
    expect(steps).toEqual([2, 2, 2, 2, 4, 4, 4, 4]);
  });

  it('says that it needs the tensorflow backend, where there is none', () => {
    const { output, stderr } = runScript(`
      import { createRequire } from 'node:module';
      import { constantSparsity, prune, pruningSummaries } from '${urlOf('lib/pruning.ts')}';
      const require = createRequire('${urlOf('package.json')}');
      require('@tensorflow/tfjs-backend-cpu');
      const tf = require('@tensorflow/tfjs-core');
      const { layers, sequential } = require('@tensorflow/tfjs-layers');
      tf.enableProdMode();
      const given = sequential({ layers: [layers.dense({ units: 2, inputShape: [2] })] });
      const model = prune(given, { schedule: constantSparsity({ targetSparsity: 0.5, frequency: 1 }) });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const callbacks = pruningSummaries({ logDir: ${JSON.stringify(at('none'))} });
      const error = await model.fit(tf.ones([2, 2]), tf.ones([2, 2]), { verbose: 0, callbacks }).catch((e) => e);
      console.log(JSON.stringify({ code: error.code, message: error.message, backend: tf.getBackend() }));
    `);
    expect(output, stderr).toMatchObject({
      code: 'ERR_SPARSE_PEER',
      message: expect.stringContaining('@tensorflow/tfjs-node'),
      backend: 'cpu',
    });
  });

  it('refuses bad options and a model without pruning', async () => {
    expect(() => pruningSummaries({ logDir: '' })).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_ARGUMENT' }),
    );
    expect(() => pruningSummaries({ logDir: 'x', updateFreq: 0 })).toThrowError(
      expect.objectContaining({ code: 'ERR_SPARSE_OPTION' }),
    );
    const plain = smallModel();
    plain.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = data(4);
    const callbacks = pruningSummaries({ logDir: at('plain') });
    await expect(plain.fit(x, y, { verbose: 0, callbacks })).rejects.toMatchObject({
      code: 'ERR_SPARSE_MODEL',
    });
  });
});
