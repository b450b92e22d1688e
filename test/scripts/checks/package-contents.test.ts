import { describe, expect, it } from 'vitest';
import { contentFaults } from '../../../scripts/checks/package-contents.ts';

const entries = ['index', 'pruning', 'tfjs', 'server'].flatMap((name) =>
  ['.mjs', '.cjs', '.d.mts', '.d.cts'].map((extension) => `dist/${name}${extension}`),
);
const pages = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'CMakeLists.txt'];
const good = [...pages, ...entries, 'native/addon.cc', 'build/Release/tfjs_sparse.node'];

describe('contents of the package', () => {
  it('pass with all entry points, the addon and its sources', () => {
    expect(contentFaults(good)).toEqual([]);
  });

  it('fail without the addon', () => {
    const files = good.filter((file) => !file.endsWith('.node'));
    expect(contentFaults(files)).toEqual(['the package lacks build/Release/tfjs_sparse.node']);
  });

  it.each(['test/a.test.ts', 'build/CMakeCache.txt', '.npmrc', 'tsconfig.json', 'lib/index.ts'])(
    'fail with %s',
    (file) =>
      expect(contentFaults([...good, file])).toEqual([`the package has ${file}, which is not for users`]),
  );
});
