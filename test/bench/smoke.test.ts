import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { BenchResult } from '../../bench/runner/report.ts';
import type { KernelRow } from '../../bench/suites/kernel-rows.ts';
import type { RankRow } from '../../bench/suites/rank-rows.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Keeps every bench running: one tiny round of each, all engines in their own processes. */
it('every bench runs one tiny round', { timeout: 240_000 }, () => {
  const json = path.join(folder, 'deep', 'result.json');
  const args = ['--import', 'tsx', 'bench/main.ts', 'all', '--smoke'];
  const run = spawnSync(process.execPath, [...args, '--json', json], { cwd: root, encoding: 'utf8' });
  expect(run.status, run.stderr).toBe(0);
  const { environment, cases, rows: products }: BenchResult = JSON.parse(readFileSync(json, 'utf8'));
  expect(environment.tensorflow).toMatch(/^\d+\.\d+/);
  expect(environment.isa).toBeTruthy();
  expect(environment.command).toContain('npm run bench -- all --smoke');
  expect(new Set(cases.map((c) => c.suite))).toEqual(
    new Set(['kernels', 'models', 'rank', 'prune', 'accelerate']),
  );
  for (const { name, rows } of cases)
    for (const row of rows) {
      // Python rivals are installed by a command of their own; NumPy may be out of reach of this machine's pip.
      if (row.note?.startsWith('not installed') || (row.engine === 'numpy' && row.note?.startsWith('pip')))
        continue;
      expect(row.note, `${name} ${row.engine}`).toBeUndefined();
      expect(row.samples).toBe(1);
      expect(row.maxDifference).toBeLessThanOrEqual(1e-5);
    }
  const [kernelRows, rankRows] = [
    products.filter((row) => 'level' in row),
    products.filter((row) => !('level' in row)),
  ];
  for (const row of rankRows as RankRow[]) {
    // NumPy may be out of reach of this machine's pip.
    if (row.note?.startsWith('not installed') || (row.engine === 'numpy' && row.note?.startsWith('pip')))
      continue;
    expect(row.samples, `${row.engine} ${row.operation}: ${row.note}`).toBe(1);
  }
  for (const row of kernelRows as KernelRow[]) {
    // Python rivals are installed by a command of their own, in 7 GB.
    if (row.note?.startsWith('not installed')) continue;
    expect(row.samples, `${row.engine} ${row.level}: ${row.note}`).toBe(1);
    expect(row.gflops).toBeGreaterThan(0);
    expect(row.shareOfLimit !== null).toBe(row.level === 'kernel');
  }
  const levels = new Set(
    (kernelRows as KernelRow[]).filter((row) => row.samples > 0).map((row) => row.level),
  );
  expect(levels).toEqual(new Set(['call', 'kernel']));
});
