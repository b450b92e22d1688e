/**
 * The demo from outside: a small quick run, then every size and sparsity that it reports is computed again from
 * the files that it saved, by code that shares nothing with it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoResult } from '../../bench/demo/result.ts';
import { readZip } from '../helpers/read-zip.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const output = mkdtempSync(path.join(os.tmpdir(), 'demo-'));
let result: DemoResult;
let screen: string;

interface SavedWeight {
  name: string;
  shape: number[];
  values: Float32Array;
}

function file(model: { folder: string }, name: string): Buffer {
  return readFileSync(path.join(output, model.folder, name));
}

function savedWeights(model: { folder: string }): SavedWeight[] {
  const { weightsManifest } = JSON.parse(file(model, 'model.json').toString());
  const bytes = file(model, 'weights.bin');
  let offset = 0;
  const weights = weightsManifest[0].weights.map(({ name, shape }: SavedWeight) => {
    const length = shape.reduce((a: number, b: number) => a * b, 1);
    const values = Float32Array.from({ length }, (_, i) => bytes.readFloatLE(offset + 4 * i));
    offset += 4 * length;
    return { name, shape, values };
  });
  expect(offset).toBe(bytes.length);
  return weights;
}

const zerosOf = (values: Float32Array) => values.filter((v) => v === 0).length;

beforeAll(() => {
  const args = ['run', '--silent', 'demo', '--', '--quick', '--output', output];
  const sizes = ['--train-images', '1500', '--test-images', '300', '--epochs', '1', '--seconds', '0.005'];
  const run = spawnSync('npm', [...args, ...sizes], {
    cwd: root,
    encoding: 'utf8',
  });
  screen = run.stdout;
  expect(run.stderr.includes('Error'), run.stderr).toBe(false);
  result = JSON.parse(readFileSync(path.join(output, 'demo.json'), 'utf8'));
  expect(run.status, screen).toBe(0);
}, 240_000);

afterAll(() => rmSync(output, { recursive: true, force: true }));

describe('a quick demo', () => {
  it('makes both baselines, recipe 1 at every target and recipe 2', () => {
    expect(result.models.map((m) => [m.network, m.recipe, m.target])).toEqual([
      ['cnn', 'baseline', 0],
      ['cnn', 'recipe 1', 0.5],
      ['cnn', 'recipe 1', 0.8],
      ['cnn', 'recipe 1', 0.9],
      ['cnn', 'recipe 2', 0.8],
      ['lenet-300-100', 'baseline', 0],
      ['lenet-300-100', 'recipe 1', 0.9],
      ['lenet-300-100', 'recipe 1', 0.95],
    ]);
  });

  it('reports the zeros that the saved kernels have, and the count that their target asks for', () => {
    for (const model of result.models) {
      const kernels = savedWeights(model).filter((w) => w.shape.length > 1);
      const found = kernels.map((w) => ({
        name: w.name,
        shape: w.shape,
        size: w.values.length,
        zeros: zerosOf(w.values),
      }));
      expect(model.kernels.map(({ name, shape, size, zeros }) => ({ name, shape, size, zeros }))).toEqual(
        found,
      );
      for (const { size, zeros, sparsity, expectedZeros } of model.kernels) {
        expect(sparsity).toBe(zeros / size);
        expect(expectedZeros).toBe(Math.round(size * model.target));
        expect(zeros).toBe(expectedZeros);
      }
    }
  });

  it('reports the bytes of the saved files, and of an archive that unpacks to them', () => {
    for (const model of result.models) {
      const names = ['model.json', 'weights.bin'];
      const bytes = names.map((name) => file(model, name));
      expect(model.sizes.rawBytes).toBe(bytes[0]!.length + bytes[1]!.length);
      const entries = readZip(file(model, 'model.zip'));
      expect(entries.map((e) => e.name)).toEqual(names);
      expect(entries.map((e) => e.method)).toEqual([8, 8]);
      for (const [i, entry] of entries.entries()) expect(entry.data.equals(bytes[i]!)).toBe(true);
      expect(model.sizes.zipBytes).toBe(statSync(path.join(output, model.folder, 'model.zip')).size);
      // Level 6 of the same zlib, and 30 + 46 bytes of headers a file, its name twice, 22 bytes at the end.
      const deflated = bytes.map((b) => deflateRawSync(b, { level: 6 }).length);
      const headers = names.reduce((sum, name) => sum + 76 + 2 * name.length, 22);
      expect(model.sizes.zipBytes).toBe(deflated[0]! + deflated[1]! + headers);
      const gzipped = bytes.map((b) => gzipSync(b, { level: 6 }).length);
      expect(model.sizes.gzipBytes).toBe(gzipped[0]! + gzipped[1]!);
    }
  });

  it('reports the parameters, those that remain, and both ratios', () => {
    for (const model of result.models) {
      const weights = savedWeights(model);
      const parameters = weights.reduce((sum, w) => sum + w.values.length, 0);
      const pruned = weights.filter((w) => w.shape.length > 1).reduce((sum, w) => sum + zerosOf(w.values), 0);
      expect(parameters).toBe(model.network === 'cnn' ? 20_410 : 266_610);
      expect(model.sizes.parameters).toBe(parameters);
      expect(model.sizes.remaining).toBe(parameters - pruned);
      expect(model.sizes.compressionRatio).toBe(parameters / (parameters - pruned));
      const baseline = result.models.find((m) => m.network === model.network && m.recipe === 'baseline')!;
      expect(model.sizes.zipRatio).toBe(baseline.sizes.zipBytes / model.sizes.zipBytes);
    }
  });

  it('times four engines at four batch sizes', () => {
    for (const model of result.models) {
      expect(model.latency.map((l) => l.batch)).toEqual([1, 16, 64, 256]);
      for (const { rows } of model.latency) {
        const engines = ['tfjs-node predict', 'accelerated predict', 'session dense', 'session sparse'];
        expect(rows.map((row) => row.engine)).toEqual(engines);
        for (const row of rows) {
          expect(row.note).toBeUndefined();
          expect(row.medianUs).toBeGreaterThan(0);
          expect(row.maxDifference).toBeLessThanOrEqual(1e-5);
        }
      }
    }
  });

  it('passes its own checks, and says in every table that few images were used', () => {
    expect(result.checks.filter((c) => !c.passed)).toEqual([]);
    expect(result.quick).toBe(true);
    const tables = screen.split('\n').filter((line) => line.includes('test images]'));
    expect(tables).toHaveLength(3 + result.models.length);
    for (const heading of tables) expect(heading).toContain('QUICK RUN');
  });

  it('fits a terminal of 110 columns', () => {
    // The command is as long as its options.
    const lines = screen.split('\n').filter((line) => !line.includes('npm run demo'));
    const wide = lines.filter((line) => line.length > 110);
    expect(wide).toEqual([]);
  });
});
