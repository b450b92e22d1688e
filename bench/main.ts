/** `npm run bench`: every engine on every case, in turn, outputs compared first. Options: see options.ts. */

import { readFile } from 'node:fs/promises';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { environment } from './runner/environment.ts';
import { EngineProcess } from './runner/process.ts';
import {
  type BenchResult,
  type CaseResult,
  caseRecord,
  caseTable,
  environmentLines,
  warningsFor,
  writeJson,
} from './runner/report.ts';
import { accelerate } from './suites/accelerate.ts';
import { kernels } from './suites/kernels.ts';
import { models } from './suites/models.ts';
import { prune } from './suites/prune.ts';
import { rank } from './suites/rank.ts';
import type { ProcessOf, Suite } from './suites/suite.ts';
import { kernelTable } from './table/kernel-table.ts';

const suites: Readonly<Record<string, Suite>> = { kernels, models, rank, prune, accelerate };

/** What an earlier run left in the file, with `--resume`. */
async function earlier(options: BenchOptions): Promise<Pick<BenchResult, 'cases' | 'rows' | 'limits'>> {
  if (!options.resume) return { cases: [], rows: [] };
  try {
    return JSON.parse(await readFile(options.json!, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { cases: [], rows: [] };
  }
}

async function run(options: BenchOptions): Promise<void> {
  const began = performance.now();
  const processes = new Map<string, EngineProcess>();
  const processOf: ProcessOf = (name) => {
    const found = processes.get(name) ?? new EngineProcess();
    processes.set(name, found);
    return found;
  };
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
  const started = environment({}, command);
  const result: BenchResult = { environment: started, warnings: [], ...(await earlier(options)) };
  const done = new Set(result.cases.map((found) => found.name));
  const fresh: CaseResult[] = [];
  const save = async () => {
    const facts = fresh.flatMap((c) => c.rows).find((row) => row.facts.tensorflow)?.facts ?? {};
    result.environment = { ...started, ...versionsOf(facts), isa: options.isa ?? started.isa };
    result.warnings = warningsFor(fresh, result.environment);
    if (options.json) await writeJson(options.json, result);
  };
  try {
    for (const name of options.suites)
      for await (const found of suites[name]!({ ...options, done }, processOf)) {
        fresh.push(found);
        result.cases.push(caseRecord(found));
        result.rows.push(...(found.measured ?? []));
        if (found.limits) result.limits = found.limits;
        await save();
        console.log(`${caseTable(found)}\n`);
        if ((performance.now() - began) / 1000 > options.stopAfter) break;
      }
  } finally {
    for (const engineProcess of processes.values()) engineProcess.close();
  }
  await save();
  console.log(environmentLines(result.environment));
  for (const warning of result.warnings) console.log(`warning: ${warning}`);
}

function versionsOf(facts: Record<string, string | number>): { tfjs?: string; tensorflow?: string } {
  return facts.tensorflow ? { tfjs: String(facts.tfjs), tensorflow: String(facts.tensorflow) } : {};
}

/** `npm run bench:kernels -- table FILE`: the page's table out of a result. */
async function printTable(file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error(`table: of which file?\n${usage}`);
  console.log(kernelTable(JSON.parse(await readFile(file, 'utf8'))));
}

const args = process.argv.slice(2);
try {
  const table = args.indexOf('table');
  if (table >= 0) await printTable(args[table + 1]);
  else {
    const options = readOptions(args, Object.keys(suites));
    if (options.help) console.log(usage);
    else await run(options);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
