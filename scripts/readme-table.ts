// npm run readme-table [-- --check]: the tables of the pages out of docs/results; --check only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { conformanceSummary, conformanceTable } from '../bench/table/conformance-table.ts';
import { kernelTable } from '../bench/table/kernel-table.ts';
import { rankTable } from '../bench/table/rank-table.ts';
import { scaleTable } from '../bench/table/scale-table.ts';
import { shareTable } from '../bench/table/share-table.ts';
import { storageTable } from '../bench/table/storage-table.ts';
import { threadTable } from '../bench/table/thread-table.ts';
import { demoTable } from './readme/demo-table.ts';
import { withTable } from './readme/marked-table.ts';
import { root } from './setup/process.ts';

interface PageTable {
  page: string;
  /** As the marks in the page have it. */
  name: string;
  result: string;
  /** What makes the result. */
  command: string;
  make: (result: never) => string;
}

const tables: readonly PageTable[] = [
  {
    page: 'README.md',
    name: 'demo table',
    result: 'docs/results/demo.json',
    command: 'npm run demo -- --json docs/results/demo.json',
    make: demoTable,
  },
  {
    page: 'docs/benchmarks.md',
    name: 'kernel table',
    result: 'docs/results/kernels-avx2.json',
    command: 'npm run bench:kernels -- --preset full --resume --json docs/results/kernels-avx2.json',
    make: kernelTable,
  },
  {
    page: 'docs/benchmarks.md',
    name: 'share table',
    result: 'docs/results/kernels-avx2.json',
    command: 'npm run bench:kernels -- --preset full --resume --json docs/results/kernels-avx2.json',
    make: shareTable,
  },
  {
    page: 'docs/benchmarks.md',
    name: 'thread table',
    result: 'docs/results/kernels-avx2.json',
    command:
      'npm run bench:kernels -- --shapes 4096x4096 --threads 2 --resume --json docs/results/kernels-avx2.json',
    make: threadTable,
  },
  {
    page: 'docs/benchmarks.md',
    name: 'storage table',
    result: 'docs/results/kernels-avx2.json',
    command:
      'npm run bench:kernels -- --storage bfloat16,int8 --resume --json docs/results/kernels-avx2.json',
    make: storageTable,
  },
  {
    page: 'docs/benchmarks.md',
    name: 'scale table',
    result: 'docs/results/scale.json',
    command: 'npm run bench:kernels -- --preset scale --json docs/results/scale.json',
    make: scaleTable,
  },
  {
    page: 'docs/conformance.md',
    name: 'conformance table',
    result: 'docs/results/conformance.json',
    command: 'npm run conformance -- --json docs/results/conformance.json',
    make: conformanceTable,
  },
  {
    page: 'README.md',
    name: 'conformance summary',
    result: 'docs/results/conformance.json',
    command: 'npm run conformance -- --json docs/results/conformance.json',
    make: conformanceSummary,
  },
  {
    page: 'docs/benchmarks.md',
    name: 'rank table',
    result: 'docs/results/rank.json',
    command: 'npm run bench:rank -- --threads 1,2 --json docs/results/rank.json',
    make: rankTable,
  },
];

function refresh({ page, name, result, command, make }: PageTable, check: boolean): void {
  const source = path.join(root, result);
  if (!existsSync(source)) throw new Error(`${result} is missing: ${command}`);
  const text = readFileSync(path.join(root, page), 'utf8');
  const fresh = withTable(text, make(JSON.parse(readFileSync(source, 'utf8')) as never), name);
  if (!check) writeFileSync(path.join(root, page), fresh);
  else if (fresh !== text) throw new Error(`the ${name} in ${page} is not that of ${result}`);
}

try {
  const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
  for (const table of tables) refresh(table, check);
} catch (error) {
  console.error(`readme-table: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
