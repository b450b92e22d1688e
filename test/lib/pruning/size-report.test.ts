import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipFiles } from '../../../lib/pruning/compressed-sizes.ts';
import { constantSparsity, pruneLowMagnitude, sizeReport, stripPruning } from '../../../lib/pruning.ts';
import { tf } from './backends.ts';
import { articleModel } from './models.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'size-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The files of a .zip archive, read by hand from its central directory. */
function unzip(archive: Buffer): Map<string, { data: Buffer; method: number }> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, { data: Buffer; method: number }>();
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < archive.readUInt16LE(end + 10); i++) {
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    files.set(name, { data: inflateRawSync(archive.subarray(from, from + packed)), method });
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

async function prunedModel(): Promise<tf.LayersModel> {
  const pruningSchedule = constantSparsity({ targetSparsity: 0.9, frequency: 1 });
  const model = pruneLowMagnitude(articleModel(), { pruningSchedule });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await model.trainOnBatch(tf.randomNormal([4, 28, 28, 1]), tf.randomNormal([4, 10]));
  return model;
}

describe('sizeReport', () => {
  it('measures the files that TF.js saves', async () => {
    const model = articleModel();
    await model.save(`file://${folder}`);
    const files = ['model.json', 'weights.bin'].map((name) => ({
      name,
      data: readFileSync(path.join(folder, name)),
    }));
    const report = await sizeReport(model);
    expect(report.rawBytes).toBe(files[0]!.data.length + files[1]!.data.length);
    const archive = Buffer.from(await zipFiles(files));
    expect(report.zipBytes).toBe(archive.length);
    const unpacked = unzip(archive);
    for (const { name, data } of files) {
      expect(unpacked.get(name)!.method).toBe(8);
      expect(unpacked.get(name)!.data.equals(data)).toBe(true);
    }
  });

  it('counts what remains of all parameters: 20,410 less 97 and 18,252 at 90 %', async () => {
    const report = await sizeReport(await prunedModel());
    expect(report.parameters).toBe(20_410);
    expect(report.remaining).toBe(20_410 - 97 - 18_252);
    expect(report.compressionRatio).toBeCloseTo(9.903, 3);
  });

  it('gives the bytes of sparse storage', async () => {
    const { csrBytes, bitmaskBytes } = await sizeReport(await prunedModel());
    const kept = 11 + 2_028;
    const biases = 4 * (12 + 10);
    expect(csrBytes).toBe(8 * kept + 4 * (12 + 1 + 10 + 1) + biases);
    expect(bitmaskBytes).toBe(4 * kept + Math.ceil(108 / 8) + 20_280 / 8 + biases);
  });

  it('measures each layer on its own', async () => {
    const { layers, ...whole } = await sizeReport(await prunedModel());
    expect(layers.map(({ layer }) => layer)).toEqual(['conv2d', 'dense']);
    const sum = (field: 'csrBytes' | 'bitmaskBytes' | 'parameters' | 'remaining') =>
      layers.reduce((total, layer) => total + layer[field], 0);
    for (const field of ['csrBytes', 'bitmaskBytes', 'parameters', 'remaining'] as const) {
      expect(sum(field)).toBe(whole[field]);
    }
    expect(layers[0]).toMatchObject({ rawBytes: 480, parameters: 120, remaining: 23 });
    expect(layers[1]!.compressionRatio).toBeCloseTo(20_290 / (20_290 - 18_252), 10);
    for (const layer of layers) expect(layer.gzipBytes).toBeLessThan(layer.rawBytes);
  });

  it('measures a wrapped model as what strip makes of it, and leaks nothing', async () => {
    const model = await prunedModel();
    const before = tf.memory().numTensors;
    const report = await sizeReport(model);
    expect(tf.memory().numTensors).toBe(before);
    expect(report).toEqual(await sizeReport(stripPruning(model)));
  });

  it('shows zeros in every packed size', async () => {
    const [dense, pruned] = [await sizeReport(articleModel()), await sizeReport(await prunedModel())];
    expect(pruned.rawBytes).toBe(dense.rawBytes);
    for (const key of ['zipBytes', 'gzipBytes', 'brotliBytes', 'csrBytes', 'bitmaskBytes'] as const) {
      expect(pruned[key]).toBeLessThan(dense[key] / 4);
    }
  });

  it('packs the same bytes every time', async () => {
    const files = [{ name: 'a', data: Buffer.from('something') }];
    expect(await zipFiles(files)).toEqual(await zipFiles(files));
  });

  it('refuses what is no model', async () => {
    await expect(sizeReport({} as never)).rejects.toMatchObject({ code: 'ERR_SPARSE_MODEL' });
  });
});
