import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');

/** What an example prints. */
async function run(name: string): Promise<string> {
  const file = path.join(root, 'examples', `${name}.ts`);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: root });
  return stdout;
}

describe('the examples of pruning print their tables:', () => {
  it('coefficients', async () => {
    const table = await run('coefficients');
    expect(table).toMatch(/│ 0 │ 5 │ 10 +│ '2\.46 %'/);
    expect(table).toMatch(/│ 1 │ 0 │ 500 +│ '99\.97 %'/);
  });

  it('column-norm', async () => {
    const table = await run('column-norm');
    expect(table).toMatch(/│ 0\.5 +│ 20 +│ '0\.\d+' +│ '50\.0 %'/);
    expect(table).toMatch(/│ 0\.7 +│ 28 +│/);
  });

  it('prune-biases', async () => {
    const table = await run('prune-biases');
    expect(table).toMatch(/'nothing' +│ 0 +│ 0 +│/);
    expect(table).toMatch(/'kernels' +│ 560 +│ 0 +│/);
    expect(table).toMatch(/'kernels and biases' +│ 560 +│ 32 +│/);
  });
});
