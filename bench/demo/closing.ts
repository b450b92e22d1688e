import { bytes, digits, percent } from '../runner/format.ts';
import type { Row } from '../runner/run-case.ts';
import type { DemoModel, DemoResult } from './result.ts';
import { modelName } from './tables.ts';

interface Cell {
  model: DemoModel;
  batch: number;
  row: Row;
}

function cells(result: DemoResult, engine: string): Cell[] {
  return result.models.flatMap((model) =>
    model.latency.flatMap(({ batch, rows }) =>
      rows.filter((row) => row.engine === engine && row.ratio !== null).map((row) => ({ model, batch, row })),
    ),
  );
}

function place({ model, batch }: Cell): string {
  return `${modelName(model)} at batch ${batch}`;
}

function smaller(result: DemoResult): string[] {
  return result.models
    .filter((m) => m.target > 0)
    .map((m) => {
      const baseline = result.models.find((b) => b.network === m.network && b.recipe === 'baseline')!;
      const points = (m.accuracy - baseline.accuracy) * 100;
      return (
        `  ${modelName(m)}: zip ${bytes(m.sizes.zipBytes)} bytes, ${digits(m.sizes.zipRatio)} times smaller; ` +
        `accuracy ${percent(m.accuracy, 2)} (${points >= 0 ? '+' : ''}${points.toFixed(2)} points)`
      );
    });
}

function faster(result: DemoResult, engine: string): string[] {
  const found = cells(result, engine);
  if (found.length === 0) return [`  ${engine}: did not run`];
  const sorted = [...found].sort((a, b) => a.row.ratio! - b.row.ratio!);
  const [worst, best] = [sorted[0]!, sorted.at(-1)!];
  return [
    `  ${engine} against tfjs-node predict: from ${digits(worst.row.ratio)} times (${place(worst)})`,
    `    to ${digits(best.row.ratio)} times faster (${place(best)})`,
  ];
}

/** Cells where a rival's time is below ours by more than the interval allows. */
function notFaster(result: DemoResult): string[] {
  const slow = ['accelerated predict', 'session dense', 'session sparse'].flatMap((engine) =>
    cells(result, engine)
      .filter(({ row }) => row.ratioInterval![0] <= 1)
      .map((cell) => `  ${engine}, ${place(cell)}: ${digits(cell.row.ratio)} times tfjs-node's speed`),
  );
  const behindDense = cells(result, 'session sparse').flatMap((cell) => {
    const dense = cells(result, 'session dense').find(
      (d) => d.model.id === cell.model.id && d.batch === cell.batch,
    );
    if (cell.model.target === 0 || !dense || cell.row.medianUs! <= dense.row.medianUs!) return [];
    const by = cell.row.medianUs! / dense.row.medianUs!;
    return [`  session sparse, ${place(cell)}: takes ${digits(by)} times as long as session dense`];
  });
  const larger = result.models
    .filter((m) => m.target > 0 && m.sizes.rawBytes > 0)
    .map((m) => m.sizes.rawBytes);
  const raw =
    larger.length > 0
      ? [
          `  the files themselves: a zero takes 4 bytes until they are zipped (${bytes(larger[0]!)} bytes raw)`,
        ]
      : [];
  return [...slow, ...behindDense, ...raw];
}

/** What the figures say, in plain words and with nothing left out. */
export function closing(result: DemoResult): string {
  const failed = result.checks.filter((c) => !c.passed);
  const pruned = result.models.filter((m) => m.target > 0);
  const quick = result.quick ? ' (QUICK RUN: not to be quoted)' : '';
  const parts = [
    `In short${quick}`,
    `What is smaller: ${pruned.length} pruned models, zipped, against their baselines`,
    ...smaller(result),
    'What is faster: one thread, one core, same inputs, samples in turn',
    ...faster(result, 'session sparse'),
    ...faster(result, 'session dense'),
    ...faster(result, 'accelerated predict'),
    'What is not:',
    ...notFaster(result),
    `Checks: ${result.checks.length - failed.length} passed, ${failed.length} failed`,
    ...failed.map((c) => `  FAILED ${c.name}: ${c.detail}`),
    `Time: training ${Math.round(result.seconds.training)} s, latency ${Math.round(result.seconds.latency)} s, ` +
      `in all ${Math.round(result.seconds.total)} s`,
  ];
  return parts.join('\n');
}
