import type { DemoModel, DemoResult, Latency } from '../../bench/demo/result.ts';

const names = { cnn: 'CNN of the article', 'lenet-300-100': 'LeNet-300-100' } as const;
const engines = { dense: 'tfjs-node predict', sparse: 'session sparse' } as const;

const number = (value: number) => Math.round(value).toLocaleString('en-US');
const percent = (fraction: number, digits: number) => `${(100 * fraction).toFixed(digits)} %`;
const micros = (us: number) => (us < 100 ? us.toPrecision(2) : number(us));

function modelName(model: DemoModel): string {
  if (model.recipe === 'baseline') return `${names[model.network]}, dense`;
  return `${names[model.network]}, ${model.recipe}, ${percent(model.target, 0)} zeros`;
}

function timeCells(latency: Latency[], batch: number): string[] {
  const rows = latency.find((entry) => entry.batch === batch)?.rows ?? [];
  const dense = rows.find((row) => row.engine === engines.dense);
  const sparse = rows.find((row) => row.engine === engines.sparse);
  if (dense?.medianUs == null || sparse?.medianUs == null || sparse.ratio == null)
    throw new Error(`the result has no time of ${engines.dense} and ${engines.sparse} at batch ${batch}`);
  return [micros(dense.medianUs), micros(sparse.medianUs), `**${sparse.ratio.toPrecision(3)}×**`];
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/**
 * The README's table from a full run of the demo.
 *
 * @throws Error when the run was a quick one, or one of its checks failed
 */
export function demoTable(result: DemoResult): string {
  if (result.quick) throw new Error('the result is of a quick run, which proves nothing');
  const failed = result.checks.filter((check) => !check.passed);
  if (failed.length > 0)
    throw new Error(`the demo's own checks failed: ${failed.map((c) => c.name).join(', ')}`);
  const batches = [1, 64];
  const head = ['model', 'accuracy', 'zip, bytes', 'smaller'];
  for (const batch of batches) head.push(`tfjs-node, batch ${batch}, µs`, 'session, µs', 'faster');
  const { environment: e, data } = result;
  return [
    line(head),
    line(head.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...result.models.map((model) =>
      line([
        modelName(model),
        percent(model.accuracy, 2),
        number(model.sizes.zipBytes),
        `${model.sizes.zipRatio.toFixed(1)}×`,
        ...batches.flatMap((batch) => timeCells(model.latency, batch)),
      ]),
    ),
    '',
    `Measured on ${e.date.slice(0, 10)} by \`${e.command}\`: ${data.source}, ${number(data.trainImages)} training and`,
    `${number(data.testImages)} test images; ${e.cpu}, one thread, kernels \`${e.isa}\`; Node ${e.node}, tfjs-node ${e.tfjs} on`,
    `libtensorflow ${e.tensorflow}; commit ${e.commit}. Times are medians, Float32Array in and out for both; "faster" is the`,
    'ratio of the two in the same run. "smaller" is the zip of the dense model over the zip of this one.',
  ].join('\n');
}
