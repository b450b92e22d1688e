/** `npm run bench`: every engine on every case, in turn, outputs compared first. Options: see options.ts. */

import { type BenchOptions, readOptions, usage } from './options.ts';
import { environment } from './runner/environment.ts';
import { EngineProcess } from './runner/process.ts';
import { type CaseResult, caseTable, environmentLines, warningsFor, writeJson } from './runner/report.ts';
import { accelerate } from './suites/accelerate.ts';
import { kernels } from './suites/kernels.ts';
import { models } from './suites/models.ts';
import { rank } from './suites/rank.ts';
import type { ProcessOf, Suite } from './suites/suite.ts';

const suites: Readonly<Record<string, Suite>> = { kernels, models, rank, accelerate };

async function run(options: BenchOptions): Promise<void> {
  const processes = new Map<string, EngineProcess>();
  const processOf: ProcessOf = (name) => {
    const found = processes.get(name) ?? new EngineProcess();
    processes.set(name, found);
    return found;
  };
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
  const started = environment({}, command);
  const cases: CaseResult[] = [];
  try {
    for (const name of options.suites)
      for await (const result of suites[name]!(options, processOf)) {
        cases.push(result);
        console.log(`${caseTable(result)}\n`);
      }
  } finally {
    for (const engineProcess of processes.values()) engineProcess.close();
  }
  const facts = cases.flatMap((c) => c.rows).find((row) => row.facts.tensorflow)?.facts ?? {};
  const finished = { ...started, ...versionsOf(facts) };
  const warnings = warningsFor(cases, finished);
  console.log(environmentLines(finished));
  for (const warning of warnings) console.log(`warning: ${warning}`);
  if (options.json) await writeJson(options.json, { environment: finished, warnings, cases });
}

function versionsOf(facts: Record<string, string | number>): { tfjs?: string; tensorflow?: string } {
  return facts.tensorflow ? { tfjs: String(facts.tfjs), tensorflow: String(facts.tensorflow) } : {};
}

try {
  const options = readOptions(process.argv.slice(2), Object.keys(suites));
  if (options.help) console.log(usage);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
