import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type RunOptions, root, runStatus } from '../setup/process.ts';
import { firstLine, oneCase, sum, type Tally } from '../setup/tally.ts';

interface Report {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

/** Counts vitest's JSON report. A file that broke before its first test counts as one failure. */
export function countVitest(report: Report): Tally {
  const tally: Tally = { passed: 0, failed: 0, failures: [], skipped: [] };
  for (const file of report.testResults) {
    const results = file.assertionResults;
    const failed = results.filter((result) => result.status === 'failed');
    const name = path.relative(root, file.name);
    tally.passed += results.filter((result) => result.status === 'passed').length;
    for (const { fullName, failureMessages } of failed)
      tally.failures.push(`${name} > ${fullName}: ${firstLine(failureMessages?.[0])}`);
    if (file.status === 'failed' && failed.length === 0)
      tally.failures.push(`${name}: ${firstLine(file.message)}`);
    for (const { fullName, status } of results)
      if (status !== 'passed' && status !== 'failed') tally.skipped.push(`${fullName} (${status})`);
  }
  tally.failed = tally.failures.length;
  return tally;
}

/**
 * Runs vitest.
 *
 * @param args - files or options for vitest
 * @param launcher - how to start it; default: plain `vitest`
 */
export function runVitest(
  args: readonly string[],
  options: RunOptions = {},
  launcher: readonly string[] = ['vitest'],
): Tally {
  const file = path.join(root, 'build-stamps', `vitest-${process.pid}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const status = runStatus([...launcher, 'run', ...reporters, ...args], options);
  if (!existsSync(file)) {
    console.error(`vitest ended with exit code ${status} and left no report`);
    return oneCase('vitest left no report', false);
  }
  const tally = countVitest(JSON.parse(readFileSync(file, 'utf8')) as Report);
  rmSync(file);
  if (status !== 0 && tally.failed === 0)
    return sum([tally, oneCase('vitest: an error outside of any test', false)]);
  return tally;
}
