import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PaperResult } from '../../examples/papers/common/result.ts';
import { temporaryFolder } from '../helpers/temp-folder.ts';

const root = path.join(import.meta.dirname, '..', '..');
const scripts = readdirSync(path.join(root, 'examples', 'papers'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'));
const results = path.join(root, 'docs', 'results', 'papers');

describe.each(scripts)('the script of %s', (name) => {
  const temporary = temporaryFolder();

  it('runs on a small subset, writes what it found, and what it asserts there holds', {
    timeout: 240_000,
  }, () => {
    const out = temporary('result.json');
    const file = path.join(root, 'examples', 'papers', `${name}.ts`);
    const run = spawnSync(process.execPath, ['--import', 'tsx', file, '--quick', '--out', out], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(run.status, run.stdout + run.stderr).toBe(0);
    expect(run.stdout).toContain('QUICK RUN');
    const result = JSON.parse(readFileSync(out, 'utf8')) as PaperResult;
    expect(result).toMatchObject({ format: 'tfjs-sparse paper', version: 1, name, quick: true });
    expect(result.table.length).toBeGreaterThan(1);
    expect(result.findings.filter(({ judged, holds }) => judged && !holds)).toEqual([]);
    expect(result.curves.length).toBeGreaterThan(0);
    for (const { points } of result.curves) {
      expect(points.flat().every(Number.isFinite)).toBe(true);
    }
  });

  it('has a full result in docs, of several seeds, whose assertions hold', () => {
    const file = path.join(results, `${name}.json`);
    expect(existsSync(file)).toBe(true);
    const result = JSON.parse(readFileSync(file, 'utf8')) as PaperResult;
    expect(result).toMatchObject({ name, quick: false, environment: { threads: 1 } });
    expect(result.findings.some(({ judged }) => judged)).toBe(true);
    expect(result.findings.filter(({ judged, holds }) => judged && !holds)).toEqual([]);
  });
});
