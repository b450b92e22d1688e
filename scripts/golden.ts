// npm run golden -- [DIR] [--only a,b]: puts golden vectors to the library (DIR: default test/golden). Prints the cases
// and comparisons of each file, the failures, what has no adapter, and a closing line; exits with 1 when a case failed.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type FileReport, runFolder } from '../test/golden/run-folder.ts';

function print(line: FileReport): void {
  if ('skipped' in line) {
    console.log(`${line.name}: skipped, ${line.skipped}`);
    return;
  }
  const { name, passed, failed, comparisons, failures } = line;
  console.log(`${name}: ${passed} passed, ${failed} failed, ${comparisons} comparisons`);
  for (const failure of failures) console.log(`failed: ${name}: ${failure}`);
}

try {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string' } },
    allowPositionals: true,
  });
  if (positionals.length > 1)
    throw new Error(`golden: one folder at a time, received ${positionals.join(', ')}`);
  const folder = positionals[0] ?? path.join(import.meta.dirname, '..', 'test', 'golden');
  const only = values.only?.split(',').filter((name) => name !== '');
  const reports = await runFolder(path.resolve(folder), only, print);
  const ran = reports.flatMap((report) => ('skipped' in report ? [] : [report]));
  const sum = (key: 'passed' | 'failed' | 'comparisons') => {
    return ran.reduce((total, report) => total + report[key], 0);
  };
  console.log(
    `${ran.length} files, ${reports.length - ran.length} skipped (no adapter), ${sum('comparisons')} comparisons`,
  );
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 || ran.length === 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
