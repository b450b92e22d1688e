import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Stamp } from '../../../scripts/setup/stamp.ts';
import { makeTree } from '../../helpers/tree.ts';

it('is fresh only while inputs are as they were and outputs exist', () => {
  const tree = makeTree({ 'src/a.ts': 'one', 'config.json': '{}', 'out/a.js': '' });
  const stamp = new Stamp('x', ['src', 'config.json'], ['out/a.js'], tree);
  expect(stamp.isFresh()).toBe(false);
  stamp.write(stamp.currentHash());
  expect(stamp.isFresh()).toBe(true);

  writeFileSync(path.join(tree, 'src/a.ts'), 'two');
  expect(stamp.isFresh()).toBe(false);
  writeFileSync(path.join(tree, 'src/a.ts'), 'one');
  expect(stamp.isFresh()).toBe(true);

  writeFileSync(path.join(tree, 'src/b.ts'), '');
  expect(stamp.isFresh()).toBe(false);
  rmSync(path.join(tree, 'src/b.ts'));
  rmSync(path.join(tree, 'out/a.js'));
  expect(stamp.isFresh()).toBe(false);
});
