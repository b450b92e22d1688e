import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../../scripts/setup/process.ts';
import { InstalledPackage } from '../helpers/installed-package.ts';

let project: InstalledPackage;
beforeAll(() => {
  project = InstalledPackage.create();
  project.add(path.join(root, 'test', 'e2e', 'fixtures', 'cnn'), 'cnn');
}, 300_000);
afterAll(() => project?.remove());

it('compare gives a row that says so for every TF.js engine that is not installed', () => {
  const done = project.run(
    'compare.mjs',
    `import { compare } from 'tfjs-sparse';
     const { rows, environment } = await compare('cnn/model.json', { batch: [2], seconds: 0 });
     console.log(JSON.stringify({ rows, environment }));`,
  );
  expect(done.stderr).toBe('');
  const { rows, environment } = JSON.parse(done.stdout);
  expect(environment.baseline).toBe('session-dense');
  const notes = rows.map(({ engine, note }: { engine: string; note?: string }) => [engine, note]);
  expect(notes).toEqual([
    ['session', undefined],
    ['session-dense', undefined],
    ['tfjs-node', '@tensorflow/tfjs-node is not installed: npm install @tensorflow/tfjs-node'],
    [
      'tfjs-wasm',
      '@tensorflow/tfjs-backend-wasm is not installed: npm install @tensorflow/tfjs-backend-wasm',
    ],
  ]);
});
