import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { PaperReport, PaperResult } from './result.ts';
import { tensorflowVersions } from './tf.ts';

/** What a script says about itself. */
export interface Paper {
  /** Of the script and its result. */ name: string;
  /** Authors, title, arXiv number. */ paper: string;
  setting(quick: boolean): string;
  run(context: PaperContext): Promise<PaperReport>;
}

export interface PaperContext {
  /** Small subsets and few seeds, a minute at most. */ quick: boolean;
  /** Tells how far the work is. */ say(message: string): void;
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return git('rev-parse', '--short=12', 'HEAD') + (changed ? ' (modified)' : '');
  } catch {
    return 'unknown';
  }
}

function environment() {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS),
    node: process.version,
    ...tensorflowVersions(),
    commit: commit(),
    date: new Date().toISOString(),
  };
}

function print({ name, quick, table, findings, seconds }: PaperResult): void {
  if (quick) console.log('QUICK RUN: few images, proves little');
  console.table(table);
  for (const { claim, holds, detail, judged } of findings) {
    const verdict = holds ? 'holds' : 'DOES NOT HOLD';
    console.log(`${judged ? verdict : `${verdict} (reported only)`}: ${claim}\n  ${detail}`);
  }
  console.log(`${name}: ${seconds.wall} s (${seconds.cpu} s of processor time)`);
}

/** @returns undefined when the words of the command are wrong; what is wrong is printed */
function readOptions(name: string): { quick: boolean; out?: string } | undefined {
  try {
    return parseArgs({ options: { quick: { type: 'boolean', default: false }, out: { type: 'string' } } })
      .values;
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}\nusage: ${name}.ts [--quick] [--out FILE]`);
    process.exitCode = 1;
    return undefined;
  }
}

/**
 * Runs one paper's script: `[--quick] [--out FILE]`. Its numbers go to FILE, by default, of a full run, to
 * docs/results/papers. Exit code 1 when a finding that was judged does not hold.
 */
export async function reproduce({ name, paper, setting, run }: Paper): Promise<void> {
  const values = readOptions(name);
  if (values === undefined) return;
  const { quick } = values;
  const began = performance.now();
  const report = await run({ quick, say: (message) => console.log(`${name}: ${message}`) });
  const { user, system } = process.cpuUsage();
  const seconds = {
    wall: Math.round((performance.now() - began) / 1000),
    cpu: Math.round((user + system) / 1e6),
  };
  const result: PaperResult = {
    ...{ format: 'tfjs-sparse paper', version: 1, name, paper, setting: setting(quick), quick },
    ...report,
    environment: environment(),
    seconds,
  };
  print(result);
  const folder = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'results', 'papers');
  const out = values.out ?? (quick ? undefined : path.join(folder, `${name}.json`));
  if (out !== undefined) {
    mkdirSync(path.dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
    console.log(`written: ${out}`);
  }
  if (report.findings.some(({ judged, holds }) => judged && !holds)) process.exitCode = 1;
}

/** Mean of some numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A fraction as percent, for tables. */
export function percent(fraction: number, digits = 2): string {
  return `${(100 * fraction).toFixed(digits)} %`;
}

/** `97.71, 97.80 and 97.65 %`: the same of several seeds. */
export function percents(fractions: readonly number[]): string {
  return `${fractions.map((fraction) => (100 * fraction).toFixed(2)).join(', ')} %`;
}
