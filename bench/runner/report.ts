import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clockResolution, clockWarning } from './clock.ts';
import type { Environment } from './environment.ts';
import { digits, interval, table, times } from './format.ts';
import type { Row } from './run-case.ts';

/** One case with the results of all engines. */
export interface CaseResult {
  suite: string;
  /** `<work>/M=<batch>/d=<density>/t=<threads>` */
  name: string;
  /** What the work is: sizes, batch, sparsity, counts of weights. */
  facts: Record<string, string | number>;
  /** Multiplications and additions that the stored weights need, and that a dense matrix of the shape would; per call. */
  flops?: { stored: number; dense: number };
  rows: Row[];
  /** Limits of the machine, where the suite measures them. */
  limits?: object;
  /** The rows as the file has them, where the suite has a form of its own: one flat object each. */
  measured?: object[];
}

/** The file that `--json` writes. */
export interface BenchResult {
  environment: Environment;
  warnings: string[];
  /** As measured last. */
  limits?: object;
  /** A case whose suite has rows of its own form lists none here. */
  cases: CaseResult[];
  /** Of all suites that have a form of their own. */
  rows: object[];
}

/** What the file holds of a case. */
export function caseRecord({ measured, limits: _, ...rest }: CaseResult): CaseResult {
  return measured === undefined ? rest : { ...rest, rows: [] };
}

export function environmentLines(environment: Environment): string {
  const e = environment;
  return [
    `cpu ${e.cpu} (${e.cores} cores, load ${e.load}), ${e.pinned}, isa ${e.isa}, threads ${e.threads}`,
    `node ${e.node}, tfjs ${e.tfjs}, tensorflow ${e.tensorflow}, commit ${e.commit}`,
    `${e.date}  ${e.command}`,
  ].join('\n');
}

/** Facts that the environment block shows once. */
const inEnvironment: ReadonlySet<string> = new Set(['tfjs', 'tensorflow', 'tfjs-wasm', 'isa']);

export function caseTable(result: CaseResult): string {
  const { flops } = result;
  const rate = (work: number | undefined, us: number | null) =>
    work === undefined || us === null ? '–' : digits(work / us / 1e3);
  const headings = ['engine', 'median us', '± us', 'n', 'ratio', '95 % interval', 'max diff'];
  if (flops) headings.push('GFLOP/s', 'dense');
  const rows = result.rows.map((row) => {
    const cells = [
      row.engine,
      digits(row.medianUs),
      digits(row.madUs),
      String(row.samples),
      times(row.ratio),
      interval(row.ratioInterval),
      digits(row.maxDifference),
    ];
    if (flops) cells.push(rate(flops.stored, row.medianUs), rate(flops.dense, row.medianUs));
    return cells;
  });
  const notes = result.rows.flatMap((row) => {
    const own = Object.entries(row.facts).filter(([name]) => !inEnvironment.has(name));
    const texts = [...(row.note ? [row.note] : []), ...own.map(([name, value]) => `${name} ${value}`)];
    return texts.length > 0 ? [`  ${row.engine}: ${texts.join(', ')}`] : [];
  });
  return [`${result.suite}: ${result.name}`, table(headings, rows), ...notes].join('\n');
}

/** What a reader should know before believing the figures. */
export function warningsFor(cases: readonly CaseResult[], environment: Environment): string[] {
  const warnings = new Set<string>();
  const resolution = clockResolution();
  for (const { rows } of cases)
    for (const row of rows) {
      if (row.medianUs === null) continue;
      const warning = clockWarning((row.medianUs * row.calls) / 1e6, resolution);
      if (warning) warnings.add(`${row.engine}: ${warning}`);
    }
  if (environment.load > environment.cores * 0.75)
    warnings.add(`the machine was busy when the run began: load ${environment.load}`);
  if (environment.pinned === 'not pinned')
    warnings.add('there is no taskset here: engine processes may move between cores');
  return [...warnings];
}

/** JSON with a line for each case and row: files stay small, and differences readable. */
function resultText({ cases, rows, ...rest }: BenchResult): string {
  const lines = (list: readonly object[]) =>
    list.length === 0 ? '[]' : `[\n  ${list.map((item) => JSON.stringify(item)).join(',\n  ')}\n ]`;
  const head = JSON.stringify(rest, null, 1).replace(/\n\}$/, '');
  return `${head},\n "cases": ${lines(cases)},\n "rows": ${lines(rows)}\n}\n`;
}

export async function writeJson(file: string, result: BenchResult): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  // Aside first: a run that is stopped while it writes must leave what an earlier one has found.
  await writeFile(`${file}.part`, resultText(result));
  await rename(`${file}.part`, file);
}
