import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from './adapter.ts';
import { adapters } from './adapters/index.ts';
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
    expect(reports.map(({ name }) => name)).toEqual(Object.keys(adapters).sort());
    for (const report of reports) {
      if ('skipped' in report) throw new Error(`${report.name} has no adapter`);
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
    [
      'a bit of a level of OpenLTH',
      'lottery',
      (f: { cases: { levels: { masks: { data: number[] }[] }[] }[] }) =>
        flip(f.cases[0]!.levels[1]!.masks[0]!.data, 3),
    ],
    [
      'a throw that is none, of OpenLTH',
      'lottery',
      (f: { cases: { levels: { throws?: boolean }[] }[] }) => (f.cases[0]!.levels[0]!.throws = true),
    ],
    [
      'a criterion that nobody knows',
      'lottery',
      (f: { criteria: { masks: Record<string, unknown>; tied: Record<string, boolean> }[] }) => {
        f.criteria[0]!.masks.largest = f.criteria[0]!.masks.large_final;
        f.criteria[0]!.tied.largest = true;
      },
    ],
    [
      'a deviation',
      'lottery',
      (f: { criteria: { signed_constant: { std: number } }[] }) =>
        (f.criteria[0]!.signed_constant.std += 1e-6),
    ],
    [
      'an error on the way',
      'lmc',
      (f: { cases: { errors: number[] }[] }) => (f.cases[0]!.errors[9]! += 1e-6),
    ],
    [
      'a sentence that says another convention',
      'lmc',
      (f: { cases: { convention: string }[] }) =>
        (f.cases[0]!.convention = 'W(alpha) = (1-alpha)*w1 + alpha*w2'),
    ],
    ['an epsilon', 'erk', (f: { cases: { epsilon: number }[] }) => (f.cases[7]!.epsilon += 1e-6)],
    [
      'a whole number of zeros',
      'erk',
      (f: { cases: { zeros_floor: { dense: number } }[] }) => (f.cases[0]!.zeros_floor.dense += 1),
    ],
    [
      'a slot after an exchange',
      'rigl',
      (f: { cases: { momentum_after: { data: number[] } }[] }) =>
        (f.cases[0]!.momentum_after.data[0]! += 1e-3),
    ],
    [
      'a drop fraction',
      'rigl',
      (f: { cases: { drop_fraction: number }[] }) => (f.cases[1]!.drop_fraction = 0.16),
    ],
    [
      'a bit of Wanda',
      'wanda',
      (f: { cases: { mask: { data: number[] } }[] }) => flip(f.cases[0]!.mask.data, 5),
    ],
    ['another layout', 'wanda', (f: { layout: string }) => (f.layout = 'weights are [in,out]')],
    ['the loss of a solve', 'sparsegpt', (f: { cases: { loss: number }[] }) => (f.cases[0]!.loss += 0.01)],
    [
      'a score of a training step',
      'movement',
      (f: { cases: { steps: { scores: number[] }[] }[] }) => (f.cases[0]!.steps[2]!.scores[0]! += 1e-3),
    ],
    [
      'a rank of a global threshold',
      'movement',
      (f: { global_topk: { kth: number }[] }) => (f.global_topk[0]!.kth += 1),
    ],
    [
      'a check of N:M',
      'tfmot_m_by_n',
      (f: { cases: { is_pruned_C_IN: boolean }[] }) => (f.cases[0]!.is_pruned_C_IN = true),
    ],
    [
      'a fraction called a number',
      'torch_l1_unstructured',
      (f: { cases: { amount_is_int: boolean[] }[] }) => (f.cases[1]!.amount_is_int = [false]),
    ],
    ['an axis', 'torch_ln_structured', (f: { cases: { dim: number }[] }) => (f.cases[0]!.dim = 1)],
    [
      'a bit of a global mask',
      'torch_global_unstructured',
      (f: { cases: { masks: { data: number[] }[] }[] }) => flip(f.cases[0]!.masks[1]!.data),
    ],
    [
      'a product of another library',
      'csr_products',
      (f: { cases: { scipy_csr: string; torch_csr: string }[] }) =>
        (f.cases[3]!.scipy_csr = f.cases[4]!.scipy_csr),
    ],
    [
      'a truth that is off by a ten-thousandth',
      'csr_products',
      (f: { cases: { truth: string }[] }) => {
        const truth = new Float64Array(new Uint8Array(Buffer.from(f.cases[1]!.truth, 'base64')).buffer);
        truth[7]! *= 1 + 1e-4;
        f.cases[1]!.truth = Buffer.from(truth.buffer).toString('base64');
      },
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
