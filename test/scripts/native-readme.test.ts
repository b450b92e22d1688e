import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/setup/process.ts';

const kernels = path.join(root, 'native', 'kernels');
const columns = [
  ['scalar', 'kScalar'],
  ['avx2_fma', 'kAvx2Fma'],
  ['avx512', 'kAvx512'],
  ['neon', 'kNeon'],
] as const;

/** Cells of each line of the table, by family. */
function table(): Map<string, string[]> {
  const text = readFileSync(path.join(root, 'native', 'README.md'), 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    lines.map((line) => {
      const [family, ...cells] = line.slice(2, -2).split(' | ');
      return [family!.replaceAll('`', ''), cells];
    }),
  );
}

it("native/README.md says which instruction sets each family's table of kernels has, and each has a test", () => {
  const families = readdirSync(kernels).filter((name) => existsSync(path.join(kernels, name, 'kernels.inc')));
  const rows = table();
  expect([...rows.keys()]).toEqual(families.sort());
  for (const [family, cells] of rows) {
    const inc = readFileSync(path.join(kernels, family, 'kernels.inc'), 'utf8');
    for (const [i, [isa, bit]] of columns.entries())
      expect(cells[i] === 'yes', `${family}, ${isa}: "${cells[i]}"`).toBe(inc.includes(`(${bit},`));
    const test = path.join(root, 'test', 'native', 'kernels', `${family}_test.cc`);
    expect(readFileSync(test, 'utf8'), test).toMatch(/isas_to_test|runs_here/);
  }
});
