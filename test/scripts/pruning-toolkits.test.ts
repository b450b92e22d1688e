import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/setup/process.ts';

const page = 'docs/pruning-toolkits.md';
const text = readFileSync(path.join(root, page), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
const links = [...text.matchAll(/\[((?:[^[\]])+)\]\((\.\.\/test\/[^)]+)\)/g)].map((match) => ({
  title: match[1]!.replaceAll('\\|', '|'),
  file: path.posix.join('docs', match[2]!),
}));
const files = [...new Set(links.map(({ file }) => file))];

/** Titles of the tests in a file, as they are written there. */
function titlesOf(file: string): Set<string> {
  const source = readFileSync(path.join(root, file), 'utf8');
  const call = /\b(?:it|test|describe)(?:\.each)?\([^'"`]*(['"`])(.*?)\1,/g;
  const each = /\)\(\s*(['"`])(.*?)\1,/g;
  return new Set([...source.matchAll(call), ...source.matchAll(each)].map((match) => match[2]!));
}

describe(page, () => {
  it.each(files)('links to tests of %s that are there', (file) => {
    const titles = titlesOf(file);
    const linked = links.filter((link) => link.file === file).map(({ title }) => title);
    expect(linked.filter((title) => !titles.has(title))).toEqual([]);
  });

  it('names the vector file of every golden link, and every vector file', () => {
    const golden = /\]\(\.\.\/test\/golden\/golden\.test\.ts\)(: (?:`\w+`(?:, )?)+)?/g;
    const named = [...text.matchAll(golden)].map((match) => (match[1] ?? '').match(/\w+/g) ?? []);
    expect(named.filter((names) => names.length === 0)).toEqual([]);
    // Products of sparse matrices are no pruning.
    const vectors = readdirSync(path.join(root, 'test/golden')).filter(
      (file) => file.endsWith('.json') && file !== 'csr_products.json',
    );
    expect([...new Set(named.flat())].sort()).toEqual(vectors.map((file) => path.parse(file).name).sort());
  });

  it('shows every row by a test, or says that something is missing', () => {
    const unshown = rows.filter(
      (row) => !row.includes('](../test/') && !row.includes('**missing**') && !row.includes('shown by'),
    );
    expect(unshown).toEqual([]);
    expect(links.length).toBeGreaterThan(80);
  });
});
