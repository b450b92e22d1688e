import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/setup/process.ts';
import { InstalledPackage } from '../helpers/installed-package.ts';

const formats = [
  { extension: 'mjs', load: (entry: string) => `await import('${entry}')`, wrap: (body: string) => body },
  {
    extension: 'cjs',
    load: (entry: string) => `require('${entry}')`,
    wrap: (body: string) => `(async () => {${body}})();`,
  },
] as const;

let project: InstalledPackage;
beforeAll(() => {
  project = InstalledPackage.create();
  project.add(path.join(root, 'test', 'e2e', 'fixtures', 'cnn'), 'cnn');
  // Fastify is the user's: it lies beside the project, where only some of the programs below look.
  mkdirSync(path.join(project.folder, 'with-fastify', 'node_modules'), { recursive: true });
  symlinkSync(
    path.join(root, 'node_modules', 'fastify'),
    path.join(project.folder, 'with-fastify', 'node_modules', 'fastify'),
  );
}, 300_000);
afterAll(() => project?.remove());

describe.each(formats)('tfjs-sparse/server of the installed package, .$extension', (format) => {
  const { extension, load, wrap } = format;

  it('loads where Fastify is not installed: a plugin is handed its instance', () => {
    const done = project.run(
      `no-fastify.${extension}`,
      wrap(`const { sparseServer } = ${load('tfjs-sparse/server')};
       const found = await import('fastify').then(() => true, () => false);
       console.log(typeof sparseServer, found);`),
    );
    expect(done.stderr).toBe('');
    expect(done.stdout.trim()).toBe('function false');
  });

  // A session of the one module system and a server of the other have classes of their own.
  it.each([
    ['import', `await import('tfjs-sparse')`],
    ['require', `createRequire(from)('tfjs-sparse')`],
  ])('serves a session that came by %s', (system, index) => {
    const done = project.run(
      `with-fastify/${system}.${extension}`,
      wrap(`const { createRequire } = ${load('node:module')};
       const from = process.cwd() + '/with-fastify/';
       const Fastify = createRequire(from)('fastify');
       const { compile } = ${index};
       const { sparseServer } = ${load('tfjs-sparse/server')};
       const { readFileSync } = ${load('node:fs')};
       const { input, batch } = JSON.parse(readFileSync('cnn/expected.json', 'utf8'));
       const session = await compile('cnn/model.json');
       const app = Fastify();
       await app.register(sparseServer, { models: { cnn: session } });
       const { name, shape } = session.inputs[0];
       const post = (tensor) => app.inject({ method: 'POST', url: '/v2/models/cnn/infer', payload: { inputs: [tensor] } });
       const tensor = { name, shape: [batch, ...shape.slice(1)], datatype: 'FP32', data: input };
       const served = await post(tensor);
       const refused = await post({ ...tensor, data: [1] });
       const data = [...session.run(Float32Array.from(input))];
       const same = JSON.stringify(served.json().outputs[0].data) === JSON.stringify(data);
       session.dispose();
       const disposed = await post(tensor);
       await app.close();
       console.log(JSON.stringify([served.statusCode, same, refused.statusCode, disposed.statusCode]));`),
    );
    expect(done.stderr).toBe('');
    expect(JSON.parse(done.stdout)).toEqual([200, true, 400, 503]);
  });
});
