// npm run papers-page [-- --check]: the sections of docs/papers.md out of docs/results/papers; --check only compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { PaperResult } from '../examples/papers/common/result.ts';
import { paperSection, papersOf, withSection } from './readme/papers-page.ts';
import { root } from './setup/process.ts';

const target = path.join(root, 'docs', 'papers.md');
const folder = path.join(root, 'docs', 'results', 'papers');

try {
  const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
  const page = readFileSync(target, 'utf8');
  const names = papersOf(page);
  const files = readdirSync(folder).map((file) => path.basename(file, '.json'));
  const lost = files.filter((name) => !names.includes(name));
  if (lost.length > 0) throw new Error(`docs/papers.md has no section for ${lost.join(', ')}`);
  const fresh = names.reduce((text, name) => {
    const result = JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as PaperResult;
    return withSection(text, name, paperSection(result));
  }, page);
  if (!check) writeFileSync(target, fresh);
  else if (fresh !== page) throw new Error('docs/papers.md is not that of docs/results/papers');
} catch (error) {
  console.error(`papers-page: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
