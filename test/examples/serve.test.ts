import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');

it('the example of serving answers its own request as the model predicts, and ends', async () => {
  const file = path.join(root, 'examples', 'serve.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: root });
  expect(stdout).toMatch(/^status 200, model iris, id 1\nshape {2}\[1, 3\]\n/);
  const row = (title: string) => new RegExp(`^${title} +(.*)$`, 'm').exec(stdout)![1]!.split(' ').map(Number);
  expect(row('served')).toHaveLength(3);
  for (const [i, value] of row('served').entries()) expect(value).toBeCloseTo(row('predicted')[i]!, 5);
});
