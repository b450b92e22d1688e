// npm run readme-table [-- --check]: the README's table out of docs/results/demo.json; --check only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DemoResult } from '../bench/demo/result.ts';
import { demoTable, withTable } from './readme/demo-table.ts';
import { root } from './setup/process.ts';

const source = path.join(root, 'docs', 'results', 'demo.json');
const target = path.join(root, 'README.md');

try {
  if (!existsSync(source))
    throw new Error('docs/results/demo.json is missing: npm run demo -- --json docs/results/demo.json');
  const readme = readFileSync(target, 'utf8');
  const fresh = withTable(readme, demoTable(JSON.parse(readFileSync(source, 'utf8')) as DemoResult));
  if (!process.argv.includes('--check')) writeFileSync(target, fresh);
  else if (fresh !== readme) throw new Error('the table in README.md is not that of docs/results/demo.json');
} catch (error) {
  console.error(`readme-table: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
