import { expect, it } from 'vitest';
import { checkFileLength } from '../../../scripts/checks/file-length.ts';
import { makeTree } from '../../helpers/tree.ts';

it('finds a source that is too long, in every folder with sources', () => {
  const long = 'x\n'.repeat(451);
  const tree = makeTree({
    'lib/a.ts': long,
    'native/core/b.cc': long,
    'lib/c.ts': 'x\n'.repeat(440),
    'docs/d.md': long,
  });
  expect(checkFileLength(tree).map((line) => line.split(':')[0])).toEqual(['lib/a.ts', 'native/core/b.cc']);
});
