import { describe, expect, it } from 'vitest';
import { checkBoundary } from '../../../scripts/checks/boundary.ts';
import { root } from '../../../scripts/setup/process.ts';
import { makeTree } from '../../helpers/tree.ts';

const good = {
  'native/addon.cc': '  add("info", info);\n  add("tables", tables);\n  // add("old", old);\n',
  'lib/native/bindings.ts': 'export interface NativeBindings { info(): void; tables(): void }\n',
  'native/core/status.inc': 'SPARSE_STATUS(kShape, "ERR_SPARSE_SHAPE")\n',
  'lib/errors.ts': "export const errorCodes = { ERR_SPARSE_SHAPE: 'a', ERR_SPARSE_FILE: 'b' };\n",
  'native/kernels/epilogue.inc': 'SPARSE_ACTIVATION(kRelu, "relu")\nSPARSE_ACTIVATION(kClamp, "clamp")\n',
  'lib/plan/plan.ts': "export type PlanActivation = { type: 'relu' } | { type: 'clamp'; min: number };\n",
};
const notBuilt = 'the addon is not built: npm run build:native';

describe('boundary of the addon', () => {
  it('agrees in this repository, the built addon included', () => {
    expect(checkBoundary(root)).toEqual([]);
  });

  it('finds nothing but the missing binary in a tree that agrees', () => {
    expect(checkBoundary(makeTree(good))).toEqual([notBuilt]);
  });

  it.each([
    [
      'a function that TypeScript does not know',
      'native/addon.cc',
      'add("info", info);\nadd("tables", t);\nadd("extra", e);',
      '"extra"',
    ],
    ['a function that C++ does not export', 'native/addon.cc', 'add("info", info);', '"tables"'],
    [
      'a status code without meaning',
      'native/core/status.inc',
      'SPARSE_STATUS(kNew, "ERR_SPARSE_NEW")\n',
      '"ERR_SPARSE_NEW"',
    ],
    [
      'an activation that the plan does not know',
      'lib/plan/plan.ts',
      "export type PlanActivation = { type: 'relu' };",
      '"clamp"',
    ],
    [
      'an activation that C++ does not know',
      'native/kernels/epilogue.inc',
      'SPARSE_ACTIVATION(kRelu, "relu")',
      '"clamp"',
    ],
  ])('finds %s', (_what, file, text, name) => {
    const problems = checkBoundary(makeTree({ ...good, [file]: text })).filter((line) => line !== notBuilt);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
  });
});
