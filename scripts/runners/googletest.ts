import { readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { captureLater } from '../setup/process.ts';
import { firstLine, oneCase, sum, type Tally } from '../setup/tally.ts';

/** One test as GoogleTest's JSON report has it. */
interface ReportedTest {
  name: string;
  classname: string;
  value_param?: string;
  result: 'COMPLETED' | 'SKIPPED' | 'SUPPRESSED';
  failures?: { failure?: string }[];
  skipped?: { message?: string }[];
}

export interface GoogleTestRun {
  tally: Tally;
  /** All that really ran, with what the tests recorded about themselves. */
  ran: { name: string; properties: Readonly<Record<string, unknown>> }[];
}

/** Counts a JSON report; a report that is not there counts as one failure. */
export function readReport(file: string): GoogleTestRun {
  const report = JSON.parse(readFileSync(file, 'utf8')) as { testsuites: { testsuite: ReportedTest[] }[] };
  const tests = report.testsuites.flatMap((suite) => suite.testsuite);
  const done = tests.filter((test) => test.result === 'COMPLETED');
  const failed = tests.filter((test) => (test.failures?.length ?? 0) > 0);
  const skipped = tests.filter((test) => test.result === 'SKIPPED' && !failed.includes(test));
  return {
    tally: {
      passed: done.filter((test) => !failed.includes(test)).length,
      failed: failed.length,
      failures: failed.map((test) => `${nameOf(test)}: ${firstLine(test.failures?.[0]?.failure)}`),
      skipped: skipped.map((test) => `${nameOf(test)} (${skipReason(test)})`),
    },
    ran: done.map((test) => ({ name: nameOf(test), properties: { ...test } })),
  };
}

const nameOf = (test: ReportedTest) => `${test.classname}.${test.name}`;

function skipReason(test: ReportedTest): string {
  const message = test.skipped?.[0]?.message ?? 'no reason given';
  return message.trim().split('\n').at(-1) ?? message;
}

/** Parts of the cases for each core. Cases differ a lot in length: with one part each, a core would wait for another. */
const shardsPerCore = 6;

/**
 * Runs a GoogleTest program, its cases dealt out to processes, as many at once as this computer has cores. A crash counts
 * as a failure of its own, since the report then says nothing.
 */
export async function runGoogleTest(
  program: readonly string[],
  report: string,
  options: { env?: NodeJS.ProcessEnv; args?: readonly string[] } = {},
): Promise<GoogleTestRun> {
  const cores = availableParallelism();
  const shards = cores * shardsPerCore;
  const runs: GoogleTestRun[] = [];
  let next = 0;
  const core = async () => {
    while (next < shards) {
      const shard = next++;
      const env = { ...options.env, GTEST_TOTAL_SHARDS: `${shards}`, GTEST_SHARD_INDEX: `${shard}` };
      runs.push(await runShard(program, `${report}.${shard}`, { ...options, env }));
    }
  };
  await Promise.all(Array.from({ length: cores }, core));
  return { tally: sum(runs.map(({ tally }) => tally)), ran: runs.flatMap(({ ran }) => ran) };
}

async function runShard(
  program: readonly string[],
  report: string,
  options: { env?: NodeJS.ProcessEnv; args?: readonly string[] },
): Promise<GoogleTestRun> {
  rmSync(report, { force: true });
  const args = ['--gtest_brief=1', `--gtest_output=json:${report}`, ...(options.args ?? [])];
  const { status } = await captureLater([...program, ...args], { env: options.env, show: true });
  let counted: GoogleTestRun;
  try {
    counted = readReport(report);
  } catch {
    const what = `${program.at(-1)} ended with exit code ${status} and left no report`;
    return { tally: oneCase(what, false), ran: [] };
  }
  if (status === 0 || counted.tally.failed > 0) return counted;
  const crash = oneCase(`${program.at(-1)} ended with exit code ${status}`, false);
  return { ...counted, tally: sum([counted.tally, crash]) };
}
