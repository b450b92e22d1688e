import { describe, expect, it } from 'vitest';
import { checkTsArrows, checkTsCycles } from '../../../scripts/checks/ts-arrows.ts';
import { root } from '../../../scripts/setup/process.ts';
import { makeTree } from '../../helpers/tree.ts';

const empty = 'export {};\n';

describe('import arrows of lib', () => {
  it('hold in this repository', () => {
    expect(checkTsArrows(root)).toEqual([]);
  });

  it('let a floor import the floors below it and itself', () => {
    const tree = makeTree({
      'lib/errors.ts': empty,
      'lib/plan/plan.ts': "import '../errors.ts';\nimport './other.ts';\nimport '../sparse/csr.ts';\n",
      'lib/plan/other.ts': empty,
      'lib/sparse/csr.ts': empty,
    });
    expect(checkTsArrows(tree)).toEqual([]);
  });

  it.each([
    ['an import upwards', 'lib/sparse/csr.ts', "import '../plan/plan.ts';", 'imports lib/plan/plan.ts'],
    [
      'a type upwards',
      'lib/sparse/csr.ts',
      "import type { P } from '../plan/plan.ts';",
      'imports lib/plan/plan.ts',
    ],
    ['an export upwards', 'lib/io/a.ts', "export * from '../compile/b.ts';", 'imports lib/compile/b.ts'],
    ['a lazy import upwards', 'lib/io/a.ts', "await import('../compile/b.ts');", 'imports lib/compile/b.ts'],
    [
      'pruning that knows compile',
      'lib/pruning/a.ts',
      "import '../compile/b.ts';",
      'imports lib/compile/b.ts',
    ],
    [
      'compile that knows pruning',
      'lib/compile/a.ts',
      "import '../pruning/b.ts';",
      'imports lib/pruning/b.ts',
    ],
    [
      'an entry that gathers pruning',
      'lib/index.ts',
      "export * from './pruning/b.ts';",
      'imports lib/pruning/b.ts',
    ],
    ['a server that measures', 'lib/server/a.ts', "import '../measure/b.ts';", 'imports lib/measure/b.ts'],
    ['an import of tests', 'lib/io/a.ts', "import '../../test/helpers/b.ts';", 'outside of lib'],
    ['an import of benches', 'lib/measure/a.ts', "import '../../bench/b.ts';", 'outside of lib'],
    ['an import without extension', 'lib/io/a.ts', "import '../errors';", 'no .ts file'],
    ['an unknown folder', 'lib/stuff/a.ts', "import '../errors.ts';", 'does not know'],
  ])('refuse %s', (_what, file, text, fault) => {
    const problems = checkTsArrows(makeTree({ [file]: `${text}\nexport {};\n` }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${file}:1: `);
    expect(problems[0]).toContain(fault);
  });

  it.each([
    ['a TF.js value in compile', 'lib/compile/a.ts', "import { tensor } from '@tensorflow/tfjs-core';"],
    [
      'an inline type import, which loads the module',
      'lib/io/a.ts',
      "import { type T } from '@tensorflow/tfjs-core';",
    ],
    ['a lazy TF.js value in session', 'lib/session/a.ts', "await import('@tensorflow/tfjs-core');"],
    ['a required TF.js value in session', 'lib/session/a.ts', "require('@tensorflow/tfjs-core');"],
    [
      'a TF.js engine loaded at once in measure',
      'lib/measure/engines/a.ts',
      "import '@tensorflow/tfjs-node';",
    ],
    ['a TF.js type in sparse', 'lib/sparse/a.ts', "import type { T } from '@tensorflow/tfjs-core';"],
  ])('refuse %s', (_what, file, text) => {
    const problems = checkTsArrows(makeTree({ [file]: `${text}\nexport {};\n` }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('TF.js');
  });

  it.each([
    ['values in pruning', 'lib/pruning/a.ts', "import { tensor } from '@tensorflow/tfjs-core';"],
    ['values in tfjs', 'lib/tfjs/a.ts', "import { tensor } from '@tensorflow/tfjs-core';"],
    ['types in compile', 'lib/compile/a.ts', "import type { T } from '@tensorflow/tfjs-core';"],
    ['a type query in plan', 'lib/plan/a.ts', "export type T = import('@tensorflow/tfjs-core').Tensor;"],
    ['lazy engines in measure', 'lib/measure/engines/a.ts', "await import('@tensorflow/tfjs-node');"],
  ])('allow TF.js %s', (_what, file, text) => {
    expect(checkTsArrows(makeTree({ [file]: `${text}\nexport {};\n` }))).toEqual([]);
  });
});

describe('import cycles of lib', () => {
  it('do not exist in this repository', () => {
    expect(checkTsCycles(root)).toEqual([]);
  });

  it('are found with the way around', () => {
    const tree = makeTree({
      'lib/plan/a.ts': "import './b.ts';",
      'lib/plan/b.ts': "import './c.ts';",
      'lib/plan/c.ts': "import type { A } from './a.ts';",
      'lib/plan/d.ts': "import './a.ts';",
    });
    expect(checkTsCycles(tree)).toEqual([
      'lib/plan/a.ts: import cycle: lib/plan/a.ts -> lib/plan/b.ts -> lib/plan/c.ts -> lib/plan/a.ts',
    ]);
  });
});
