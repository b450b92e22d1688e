import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/setup/process.ts';
import { InstalledPackage } from '../helpers/installed-package.ts';

let project: InstalledPackage;
beforeAll(() => {
  project = InstalledPackage.create();
  project.add(path.join(root, 'test', 'e2e', 'fixtures', 'cnn'), 'cnn');
}, 300_000);
afterAll(() => project?.remove());

/** A batch that keeps a thread busy for some tens of milliseconds. */
const busyBatch = 4096;

describe('worker threads', () => {
  // Only this test loads the addon into several environments of one process: state that belongs to an environment but
  // is kept per process shows here as a crash or a wrong result.
  it('load the addon side by side with the main thread and agree bit for bit', () => {
    const done = project.run(
      'workers.mjs',
      `import { Worker, isMainThread, parentPort } from 'node:worker_threads';
       import { readFileSync } from 'node:fs';
       import { compile } from 'tfjs-sparse';
       const { input } = JSON.parse(readFileSync('cnn/expected.json', 'utf8'));
       const predict = async () => {
         const session = await compile('cnn/model.json');
         let y;
         for (let i = 0; i < 50; i++) y = session.run(Float32Array.from(input));
         session.dispose();
         return [...y];
       };
       if (isMainThread) {
         const workers = [1, 2].map(() => new Worker(new URL(import.meta.url)));
         const answers = workers.map((w) => new Promise((resolve, reject) => {
           w.on('message', resolve);
           w.on('error', reject);
         }));
         const all = await Promise.all([predict(), ...answers]);
         const second = new Worker(new URL(import.meta.url));
         all.push(await new Promise((resolve) => second.on('message', resolve)));
         console.log(all.length, new Set(all.map((y) => y.join())).size);
       } else {
         parentPort.postMessage(await predict());
       }`,
    );
    expect(done).toMatchObject({ status: 0, signal: null, stdout: '4 1\n', stderr: '' });
  });

  it('may be terminated while one of their runs is in flight', () => {
    const done = project.run(
      'terminated.mjs',
      `import { Worker, isMainThread, parentPort } from 'node:worker_threads';
       import { compile } from 'tfjs-sparse';
       if (isMainThread) {
         for (let i = 0; i < 3; i++) {
           const worker = new Worker(new URL(import.meta.url));
           await new Promise((resolve) => worker.on('message', resolve));
           await worker.terminate();
         }
         console.log('main goes on');
       } else {
         const session = await compile('cnn/model.json', { threads: 2 });
         for (let i = 0; i < 4; i++) void session.runAsync(new Float32Array(${busyBatch} * 200));
         parentPort.postMessage('started');
       }`,
    );
    expect(done).toMatchObject({ status: 0, signal: null, stdout: 'main goes on\n', stderr: '' });
  });
});

describe('a process', () => {
  it.each([
    ['ends by itself when its runs are done', '', 0],
    ['exits while runs are in flight', 'process.exit(7);', 7],
    ['disposes the session while runs are in flight and goes on', 'session.dispose();', 0],
  ])('%s', (_title, statement, status) => {
    const done = project.run(
      'in-flight.mjs',
      `import { compile } from 'tfjs-sparse';
       const session = await compile('cnn/model.json', { threads: 2 });
       const x = new Float32Array(${busyBatch} * 200);
       for (let i = 0; i < 4; i++) session.runAsync(x).catch(() => undefined);
       ${statement}`,
    );
    expect(done).toMatchObject({ status, signal: null, stderr: '' });
  });
});
