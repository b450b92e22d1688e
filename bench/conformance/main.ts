/** `npm run conformance`: published models as sessions and in tfjs-node, outputs compared, then times. See options.ts. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { closeWith, type Tally } from '../../scripts/setup/tally.ts';
import { environment } from '../runner/environment.ts';
import { groups } from './catalogue.ts';
import { checkModel } from './check-model.ts';
import { Engines } from './engines.ts';
import { type ConformanceOptions, readOptions, usage } from './options.ts';
import { readPhotographs } from './photographs.ts';
import { type ConformanceResult, type ConformanceRow, verdictOf } from './result.ts';
import { rowLine } from './row-line.ts';

async function earlier({ json, resume }: ConformanceOptions): Promise<ConformanceRow[]> {
  if (!resume) return [];
  try {
    return (JSON.parse(await readFile(json!, 'utf8')) as ConformanceResult).rows;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
}

/** Aside first: a run that is stopped while it writes must leave what an earlier one has found. A line for each row. */
async function save(file: string, { rows, ...rest }: ConformanceResult): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const head = JSON.stringify(rest, null, 1).replace(/\n\}$/, '');
  const lines = rows.map((row) => JSON.stringify(row)).join(',\n  ');
  await writeFile(`${file}.part`, `${head},\n "rows": [\n  ${lines}\n ]\n}\n`);
  await rename(`${file}.part`, file);
}

const matches = (name: string, pattern: string) =>
  new RegExp(`^${pattern.replace(/[.+?^$()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name);

/** A row that need not be made again. */
const isDone = (row: ConformanceRow, timing: boolean) =>
  verdictOf(row) === 'skipped' ||
  (verdictOf(row) === 'passed' && (!timing || row.pruned?.timing !== undefined));

async function run(options: ConformanceOptions): Promise<Tally> {
  const began = performance.now();
  const names = Object.keys(groups);
  const entries: { group: string; entry: Awaited<ReturnType<(typeof groups)[string]>>[number] }[] = [];
  for (const group of options.groups)
    for (const entry of await groups[group]!())
      if (options.models?.some((pattern) => matches(entry.model, pattern)) ?? true)
        entries.push({ group, entry });
  if (entries.length === 0) throw new Error(`no model has that name\n${usage(names)}`);
  const photographs = await readPhotographs();
  const rows = new Map((await earlier(options)).map((row) => [row.model, row]));
  const command = `npm run conformance -- ${process.argv.slice(2).join(' ')}`.trim();
  const result: ConformanceResult = {
    format: 'tfjs-sparse conformance',
    version: 1,
    environment: { ...environment(await versions(), command), threads: options.threads },
    rows: [],
  };
  const tally: Tally = { passed: 0, failed: 0, failures: [], skipped: [] };
  const engines = new Engines(options.threads);
  for (const [i, { group, entry }] of entries.entries()) {
    const found = rows.get(entry.model);
    const isKept = found !== undefined && isDone(found, options.timing);
    if (!isKept && (performance.now() - began) / 1000 > options.stopAfter) continue;
    const timing = options.timing ? { timing: { seconds: options.seconds, minRounds: 7 } } : {};
    const row = isKept
      ? found
      : {
          ...(await checkModel(entry, group, {
            photographs,
            sparsity: 0.8,
            threads: options.threads,
            engines,
            ...(found && { earlier: found }),
            ...timing,
          })),
          commit: result.environment.commit,
        };
    rows.set(entry.model, row);
    console.log(`${String(i + 1).padStart(2)}/${entries.length} ${rowLine(row)}${isKept ? ' (kept)' : ''}`);
    const verdict = verdictOf(row);
    if (verdict === 'skipped') tally.skipped.push(`${row.model}: ${row.refused!.why}`);
    else {
      tally[verdict]++;
      if (verdict === 'failed') tally.failures.push(rowLine(row));
    }
    result.rows = [...rows.values()];
    if (options.json && !isKept) await save(options.json, result);
  }
  engines.close();
  return tally;
}

async function versions(): Promise<{ tfjs: string; tensorflow: string }> {
  return (await import('../engines/load-tfjs-node.ts')).tensorflowVersions();
}

// TensorFlow's remarks about its own build and about PNG profiles would stand between the lines of progress.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
await closeWith(async () => {
  const options = readOptions(process.argv.slice(2), Object.keys(groups));
  if (!options.help) return run(options);
  console.log(usage(Object.keys(groups)));
  return { passed: 0, failed: 0, failures: [], skipped: [] };
});
