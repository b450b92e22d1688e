import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/setup/process.ts';
import { InstalledPackage } from '../helpers/installed-package.ts';

const fixture = path.join(root, 'test', 'e2e', 'fixtures', 'cnn');
const expected = JSON.parse(readFileSync(path.join(fixture, 'expected.json'), 'utf8')) as {
  batch: number;
  input: number[];
  output: number[];
};

/** Loads entry points in both module systems, so that one test body serves both. */
const formats = [
  {
    name: 'ESM',
    extension: 'mjs' as const,
    load: (entry: string) => `await import(${JSON.stringify(entry)})`,
    wrap: (body: string) => body,
  },
  {
    name: 'CommonJS',
    extension: 'cjs' as const,
    load: (entry: string) => `require(${JSON.stringify(entry)})`,
    wrap: (body: string) => `(async () => {${body}})();`,
  },
];

let project: InstalledPackage;
beforeAll(() => {
  project = InstalledPackage.create();
  project.add(fixture, 'cnn');
}, 300_000);
afterAll(() => project?.remove());

describe.each(formats)(
  'the installed package as $name, without any TF.js package',
  ({ extension, load, wrap }) => {
    const run = (name: string, body: string, env?: NodeJS.ProcessEnv) =>
      project.run(`${name}.${extension}`, wrap(body), env);

    it('compiles a model.json and predicts what tfjs-node predicted', () => {
      const done = run(
        'predict',
        `const { compile } = ${load('tfjs-sparse')};
       const { readFileSync } = ${load('node:fs')};
       const { input } = JSON.parse(readFileSync('cnn/expected.json', 'utf8'));
       const session = await compile('cnn/model.json');
       const x = Float32Array.from(input);
       const sync = session.run(x);
       const later = await session.runAsync(x);
       session.dispose();
       console.log(JSON.stringify({ sync: [...sync], later: [...later] }));`,
      );
      expect(done.stderr).toBe('');
      const { sync, later } = JSON.parse(done.stdout) as { sync: number[]; later: number[] };
      expect(sync).toHaveLength(expected.output.length);
      expect(later).toEqual(sync);
      const largest = Math.max(...expected.output.map(Math.abs));
      for (const [index, value] of expected.output.entries())
        expect(Math.abs(sync[index]! - value)).toBeLessThanOrEqual(1e-5 * largest);
    });

    it('has nothing of TF.js to load', () => {
      const done = run(
        'absent',
        `const names = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-node'];
       const found = [];
       for (const name of names) await import(name).then(() => found.push(name), () => undefined);
       console.log(found.length);`,
      );
      expect(done.stdout.trim()).toBe('0');
    });

    it.each(['tfjs-sparse/pruning', 'tfjs-sparse/tfjs'])('%s says which packages to install', (entry) => {
      const done = run(
        'peer',
        `try {
         ${load(entry)};
         console.log(JSON.stringify({ code: 'loaded' }));
       } catch (error) {
         console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message }));
       }`,
      );
      const error = JSON.parse(done.stdout) as { name: string; code: string; message: string };
      expect(error.name).toBe('SparseError');
      expect(error.code).toBe('ERR_SPARSE_PEER');
      expect(error.message).toMatch(/npm install .*@tensorflow\/tfjs-core/);
    });

    it('refuses an instruction set that it does not know', () => {
      const done = run(
        'unknown-isa',
        `const { nativeInfo } = ${load('tfjs-sparse')};
       try {
         nativeInfo();
       } catch (error) {
         console.log(error.name, error.code, error.message);
       }`,
        { TFJS_SPARSE_ISA: 'mmx' },
      );
      expect(done.stdout).toMatch(/^SparseError ERR_SPARSE_ISA .*"mmx".*scalar/);
    });

    it('runs the instruction set that is forced', () => {
      const report = `const { compile, nativeInfo } = ${load('tfjs-sparse')};
       const session = await compile('cnn/model.json');
       const { isasBuilt, isasSupported, isa } = nativeInfo();
       console.log(JSON.stringify({
         usable: isasBuilt.filter((name) => isasSupported.includes(name)), isa, session: session.describe().isa,
       }));`;
      type Report = { usable: string[]; isa: string; session: string };
      const free = JSON.parse(run('free-isa', report).stdout) as Report;
      expect(free.usable).toContain('scalar');
      expect(free.isa).toBe(free.usable[0]);
      for (const isa of free.usable) {
        const forced = JSON.parse(run('forced-isa', report, { TFJS_SPARSE_ISA: isa }).stdout) as Report;
        expect([forced.isa, forced.session]).toEqual([isa, isa]);
      }
    });
  },
);
