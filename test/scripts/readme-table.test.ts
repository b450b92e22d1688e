import { describe, expect, it } from 'vitest';
import type { DemoModel, DemoResult } from '../../bench/demo/result.ts';
import { demoTable } from '../../scripts/readme/demo-table.ts';
import { withTable } from '../../scripts/readme/marked-table.ts';

const row = (engine: string, medianUs: number, ratio: number) => ({
  engine,
  medianUs,
  madUs: 1,
  samples: 9,
  calls: 1,
  ratio,
  ratioInterval: [ratio, ratio] as [number, number],
  maxDifference: 0,
  facts: {},
});

const model: DemoModel = {
  id: 'cnn-80',
  network: 'cnn',
  recipe: 'recipe 1',
  target: 0.8,
  epochs: 2,
  seed: 1,
  folder: 'cnn-80',
  trainSeconds: 1,
  accuracy: 0.9812,
  kernels: [],
  sizes: {
    rawBytes: 84_000,
    zipBytes: 25_431,
    gzipBytes: 25_000,
    parameters: 20_410,
    remaining: 4_082,
    compressionRatio: 5,
    zipRatio: 3.1,
  },
  agreement: {
    dense: { maxDifference: 0, accuracy: 0.98, otherClass: 0, otherClassUnexplained: 0 },
    sparse: { maxDifference: 0, accuracy: 0.98, otherClass: 0, otherClassUnexplained: 0 },
  },
  latency: [1, 64].map((batch) => ({
    batch,
    rows: [row('tfjs-node predict', 812.3, 1), row('session sparse', 20.26, 40.1)],
  })),
};

const result: DemoResult = {
  format: 'tfjs-sparse demo',
  version: 1,
  quick: false,
  environment: {
    cpu: 'A CPU',
    cores: 2,
    isa: 'avx2_fma',
    threads: 1,
    pinned: 'core 1',
    node: 'v20.19.0',
    tfjs: '4.22.0',
    tensorflow: '2.12.0',
    commit: '0123456789ab',
    date: '2026-01-02T03:04:05.000Z',
    command: 'npm run demo',
    load: 0,
  },
  data: { source: 'MNIST', trainImages: 60_000, testImages: 10_000 },
  models: [model],
  wrappedSummary: [],
  checks: [{ name: 'sparsity', passed: true, detail: '' }],
  seconds: { training: 1, latency: 1, total: 2 },
};

describe('the table of the README', () => {
  it('has a line for each model, with its times and their ratio', () => {
    const line =
      '| CNN of the article, recipe 1, 80 % zeros | 98.12 % | 25,431 | 3.1× | 812 | 20 | **40.1×** | 812 | 20 | **40.1×** |';
    expect(demoTable(result).split('\n')).toContain(line);
  });

  it('names date, CPU, instruction set, versions and commit', () => {
    const table = demoTable(result);
    for (const fact of ['2026-01-02', 'A CPU', 'avx2_fma', 'v20.19.0', '4.22.0', '2.12.0', '0123456789ab'])
      expect(table).toContain(fact);
  });

  it('is refused for a quick run, and for one whose own checks failed', () => {
    expect(() => demoTable({ ...result, quick: true })).toThrow('quick run');
    const checks = [{ name: 'accuracy', passed: false, detail: '' }];
    expect(() => demoTable({ ...result, checks })).toThrow('accuracy');
  });

  it('is refused when an engine was not timed', () => {
    const latency = model.latency.map((entry) => ({ ...entry, rows: entry.rows.slice(0, 1) }));
    expect(() => demoTable({ ...result, models: [{ ...model, latency }] })).toThrow(
      'session sparse at batch 1',
    );
  });

  it('replaces what stands between its marks and nothing else', () => {
    const page =
      'a\n<!-- demo table, made by npm run readme-table -->\nold\n<!-- end of the demo table -->\nb\n';
    expect(withTable(page, 'new')).toBe(page.replace('old', 'new'));
    expect(() => withTable('no marks', 'new')).toThrow('lacks the marks');
  });
});
