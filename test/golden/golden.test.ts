import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from './adapter.ts';
import { runFile } from './run-file.ts';
import { runFolder } from './run-folder.ts';

const here = import.meta.dirname;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'golden-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Json = Record<string, never> & { cases: Record<string, never>[] };

/** Runs one of the vector files after a change to it. */
async function runChanged(name: string, change: (file: Json) => void) {
  const file = JSON.parse(readFileSync(path.join(here, `${name}.json`), 'utf8'));
  change(file);
  writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(file));
  const [report] = await runFolder(folder, [name]);
  if (!report || 'skipped' in report) throw new Error('skipped');
  return report;
}

describe('the golden vectors', () => {
  it('all pass, each with something compared', async () => {
    const reports = await runFolder(here, undefined);
    const names = ['exact_topk', 'seed', 'tfmot_block_mask', 'tfmot_mask', 'tfmot_schedule'];
    expect(reports.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...names, 'tfmot_training', 'tfmot_wrapper']),
    );
    for (const report of reports) {
      if ('skipped' in report) continue;
      expect(report.failures).toEqual([]);
      expect(report.passed).toBeGreaterThan(0);
      expect(report.comparisons).toBeGreaterThan(report.passed);
    }
  });
});

describe('a corrupted vector fails:', () => {
  const flip = (data: number[], at = 0) => {
    data[at] = 1 - data[at]!;
  };
  const corruptions: [what: string, name: string, change: (file: never) => void][] = [
    [
      'one bit of a mask',
      'tfmot_mask',
      (f: { cases: { mask: { data: number[] } }[] }) => flip(f.cases[3]!.mask.data),
    ],
    ['a threshold', 'tfmot_mask', (f: { cases: { threshold: number }[] }) => (f.cases[3]!.threshold += 1e-6)],
    ['a count', 'exact_topk', (f: { cases: { kept: number }[] }) => (f.cases[0]!.kept += 1)],
    [
      'a pooled score',
      'tfmot_block_mask',
      (f: { cases: { pooled: { data: number[] } }[] }) => (f.cases[0]!.pooled.data[0]! += 1e-3),
    ],
    [
      'a throw that is none',
      'tfmot_block_mask',
      (f: { cases: { throws?: boolean }[] }) => (f.cases[0]!.throws = true),
    ],
    [
      'a step',
      'tfmot_schedule',
      (f: { cases: { should_prune: boolean[] }[] }) => (f.cases[0]!.should_prune[1] = true),
    ],
    [
      'a valid config called invalid',
      'tfmot_schedule',
      (f: { invalid: { config: { target_sparsity: number } }[] }) =>
        (f.invalid[0]!.config.target_sparsity = 0.5),
    ],
    ['a parameter count', 'tfmot_wrapper', (f: { cases: { total: number }[] }) => (f.cases[0]!.total += 1)],
    [
      'a supported layer',
      'tfmot_wrapper',
      (f: { supported_layers: { PReLU: boolean } }) => (f.supported_layers.PReLU = true),
    ],
    [
      'a weight after a batch',
      'tfmot_training',
      (f: { cases: { after_each_batch: { d1: { kernel: number[] } }[] }[] }) =>
        (f.cases[0]!.after_each_batch[4]!.d1.kernel[3]! += 0.01),
    ],
    [
      'a zipped size',
      'seed',
      (f: { cases: { rows: { zip_file_bytes: number }[] }[] }) =>
        (f.cases[0]!.rows[0]!.zip_file_bytes *= 1.05),
    ],
    ['an unknown key of a case', 'tfmot_mask', (f: { cases: { more?: number }[] }) => (f.cases[0]!.more = 1)],
    [
      'an unknown key inside a case',
      'tfmot_schedule',
      (f: { cases: { config: { more?: number } }[] }) => (f.cases[0]!.config.more = 1),
    ],
    ['an unknown key of the file', 'tfmot_mask', (f: { more?: number }) => (f.more = 1)],
    ['a missing key', 'tfmot_mask', (f: { cases: { mask?: object }[] }) => delete f.cases[0]!.mask],
    ['a tolerance that is no number', 'tfmot_mask', (f: { tolerance?: string }) => (f.tolerance = 'about 1')],
    [
      'another sentence of tolerance',
      'seed',
      (f: { cases: { tolerance: string }[] }) => (f.cases[0]!.tolerance = 'abs(yours) <= 9'),
    ],
    ['no case', 'tfmot_mask', (f: { cases: object[] }) => (f.cases = [])],
  ];
  it.each(corruptions)('%s', async (_what, name, change) => {
    const report = await runChanged(name, change as (file: Json) => void);
    expect(report.failed).toBe(1);
    expect(report.failures).toHaveLength(1);
  });
});

describe('tolerances and ties', () => {
  const adapter: Adapter = {
    sections: {
      cases: (fields, compare) => {
        compare.numbers('x', fields.numbers('x'), [1, 100]);
        if (fields.has('mask')) {
          compare.mask('mask', fields.numbers('mask'), [1, 0, 1], fields.maybe('tied') === true);
        }
      },
    },
  };
  const failures = async (content: object) => {
    const file = path.join(folder, 'small.json');
    writeFileSync(file, JSON.stringify(content));
    return (await runFile(file, adapter)).failed;
  };

  it('numbers are equal when no tolerance is given, up to the rounding to float32', async () => {
    expect(await failures({ cases: [{ x: [1, 100] }] })).toBe(0);
    expect(await failures({ cases: [{ x: [1.00001, 100] }] })).toBe(1);
  });

  it("a case's tolerance goes before the file's", async () => {
    expect(await failures({ tolerance: 0.1, cases: [{ x: [1.05, 100] }] })).toBe(0);
    expect(await failures({ tolerance: 0.1, cases: [{ x: [1.05, 100], tolerance: 0.01 }] })).toBe(1);
    expect(await failures({ tolerance: 0.01, cases: [{ x: [1.05, 100], tolerance: 0.1 }] })).toBe(0);
  });

  it('a relative tolerance is taken of the largest magnitude of the tensor', async () => {
    expect(await failures({ tolerance_relative: 0.01, cases: [{ x: [1.9, 100] }] })).toBe(0);
    expect(await failures({ tolerance_relative: 0.001, cases: [{ x: [1.9, 100] }] })).toBe(1);
  });

  it('tied masks are compared by their counts', async () => {
    expect(await failures({ cases: [{ x: [1, 100], mask: [0, 1, 1], tied: true }] })).toBe(0);
    expect(await failures({ cases: [{ x: [1, 100], mask: [0, 1, 0], tied: true }] })).toBe(1);
    expect(await failures({ cases: [{ x: [1, 100], mask: [0, 1, 1] }] })).toBe(1);
  });
});

describe('a folder', () => {
  it('reports a file without an adapter as skipped', async () => {
    writeFileSync(path.join(folder, 'unheard_of.json'), '{}');
    expect(await runFolder(folder, ['unheard_of'])).toEqual([{ name: 'unheard_of', skipped: 'no adapter' }]);
  });

  it('refuses a selected file that is not there', async () => {
    await expect(runFolder(here, ['tfmot_maks'])).rejects.toThrow('tfmot_maks.json');
  });
});
