import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkObjects } from '../../../scripts/checks/objects.ts';
import { makeTree } from '../../helpers/tree.ts';

/** A build folder with one object of an instruction set, compiled as a Debug build does. */
function compile(source: string): string {
  const tree = makeTree({ 'CMakeFiles/core.dir/x86_avx2_fma.cc': source });
  const folder = path.join(tree, 'CMakeFiles', 'core.dir');
  execFileSync('c++', ['-std=c++17', '-O0', '-fPIC', '-c', 'x86_avx2_fma.cc', '-o', 'x86_avx2_fma.cc.o'], {
    cwd: folder,
  });
  return tree;
}

describe('objects of an instruction set', () => {
  it('pass with internal functions and one exported kernel', () => {
    const tree = compile(
      'namespace { int twice(int x) { return 2 * x; } }\nint kernel(int x) { return twice(x); }\n',
    );
    expect(checkObjects(tree)).toEqual([]);
  });

  it('fail with an inline function that other objects could get', () => {
    const tree = compile(
      'inline int twice(int x) { return 2 * x; }\nint kernel(int x) { return twice(x); }\n',
    );
    expect(checkObjects(tree)).toEqual([expect.stringContaining('weak symbol _Z5twicei')]);
  });

  it('fail with a template of the standard library', () => {
    const tree = compile('#include <algorithm>\nint kernel(int x) { return std::max(x, 3); }\n');
    expect(checkObjects(tree).join()).toContain('weak symbol');
  });

  it('fail with a global that is computed at start-up', () => {
    const tree = compile(
      'int seed();\nstatic int start = seed();\nint kernel(int x) { return x + start; }\n',
    );
    expect(checkObjects(tree).join()).toContain('runs at start-up');
  });

  it('fail when there is no object at all', () => {
    expect(checkObjects(makeTree({ 'CMakeFiles/core.dir/spmm.cc.o': '' }))).toEqual([
      expect.stringContaining('no object of an instruction set'),
    ]);
  });
});
