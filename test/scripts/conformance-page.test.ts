import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Agreement, ConformanceResult, ConformanceRow } from '../../bench/conformance/result.ts';
import { conformanceSummary, conformanceTable } from '../../bench/table/conformance-table.ts';
import { withTable } from '../../scripts/readme/marked-table.ts';
import { root } from '../../scripts/setup/process.ts';

const agreement = (ratio: number, passed = true): Agreement => ({
  zeros: 0.25,
  difference: 2.5e-6,
  worst: 'scores',
  own: 1e-6,
  limit: 1e-4,
  inputs: 4,
  sameClass: 4,
  passed,
  steps: 3,
  weightBytes: 100,
  arenaBytes: 100,
  timing: {
    tfjsMs: 30 * ratio,
    tfjsMad: 0.5,
    sessionMs: 30,
    sessionMad: 0.25,
    ratio,
    interval: [ratio, ratio],
    rounds: 7,
    costs: '62 % conv2d a_kernel',
  },
});
const row = (model: string, rest: Partial<ConformanceRow>): ConformanceRow => ({
  model,
  group: 'nsfwjs',
  source: 'somewhere',
  kind: 'graph',
  commit: '0123456789ab',
  parameters: 12345,
  ...rest,
});
const result: ConformanceResult = {
  format: 'tfjs-sparse conformance',
  version: 1,
  environment: {
    cpu: 'A CPU',
    cores: 2,
    isa: 'avx2_fma',
    threads: 1,
    pinned: 'core 1',
    node: 'v20',
    tfjs: '4.22.0',
    tensorflow: '2.12.0',
    commit: '0123456789ab',
    date: '2026-01-02T03:04:05.000Z',
    command: 'npm run conformance',
    load: 0,
  },
  rows: [
    row('quick', { inputs: '1×8 random, 0 to 1', asPublished: agreement(2), pruned: agreement(8) }),
    row('slow', { asPublished: agreement(0.5), pruned: agreement(2) }),
    row('wrong', { asPublished: agreement(1, false), pruned: agreement(1) }),
    row('refused', { refused: { why: '1 unsupported: Enter', expected: false } }),
  ],
};

describe('the page of whole models', () => {
  it('has a line for each model, with differences, times and their ratios', () => {
    const lines = conformanceTable(result).split('\n');
    expect(lines).toContain(
      '| quick | graph | 12,345 | 25 % | yes | 1×8 random, 0 to 1 | 2.5e-6 | 1.0e-6 | 4 of 4 | 60.0 ± 0.500 | 30.0 ± 0.250 | 2.00× | 2.5e-6 | 8.00× |',
    );
    expect(lines.find((line) => line.startsWith('| wrong'))).toContain('**wrong**');
  });

  it('says why a model does not run, and where the time of a slower session goes', () => {
    const text = conformanceTable(result);
    expect(text).toContain('- refused: 1 unsupported: Enter');
    expect(text).toContain('- slow, 0.500×: 62 % conv2d a_kernel');
    expect(text).not.toContain('- slow at 80 %');
  });

  it('names the commit of all rows, or that of each', () => {
    expect(conformanceTable(result)).toContain('; commit 0123456789ab, 2026-01-02;');
    const rows = [...result.rows, row('later', { commit: 'ba9876543210' })];
    const text = conformanceTable({ ...result, rows });
    expect(text).toContain('; commits below, 2026-01-02;');
    expect(text.split('\n').slice(-2)).toEqual([
      '- 0123456789ab: quick, slow, wrong, refused',
      '- ba9876543210: later',
    ]);
  });

  it('sums a group up: how many run and agree, and by how much they are faster', () => {
    expect(conformanceSummary(result).split('\n')[2]).toBe(
      '| nsfwjs | 2 of 4 | 2.5e-6 | 1.00× (0.500 – 2.00) | 2.52× (1.00 – 8.00) |',
    );
  });

  it('is, with the README, what docs/results/conformance.json makes', () => {
    const read = (...parts: string[]) => readFileSync(path.join(root, ...parts), 'utf8');
    const found: ConformanceResult = JSON.parse(read('docs', 'results', 'conformance.json'));
    const page = read('docs', 'conformance.md');
    expect(withTable(page, conformanceTable(found), 'conformance table')).toBe(page);
    const readme = read('README.md');
    expect(withTable(readme, conformanceSummary(found), 'conformance summary')).toBe(readme);
  });
});
