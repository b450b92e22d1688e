import { percent } from '../runner/format.ts';
import type { Check, DemoModel } from './result.ts';

/** Parameters of the wrapped model, layer by layer and in sum, by the article. */
const wrappedCounts = { layers: [230, 1, 1, 40_572], total: 40_804, trainable: 20_410, fixed: 20_394 };

/** Counts as they stand in the text that `summary()` printed. */
function summaryCounts(lines: readonly string[]): typeof wrappedCounts {
  const number = (label: string) => {
    const line = lines.find((l) => l.startsWith(`${label} params:`));
    return Number(line?.split(':')[1]?.replaceAll(',', ''));
  };
  const layers = lines.filter((l) => l.includes('(PruneLowMagnitude)'));
  return {
    layers: layers.map((l) => Number(l.trim().split(/\s+/).at(-1))),
    total: number('Total'),
    trainable: number('Trainable'),
    fixed: number('Non-trainable'),
  };
}

function wrappedSummary(lines: readonly string[]): Check {
  const found = summaryCounts(lines);
  const text = (c: typeof wrappedCounts) =>
    `${c.layers.join(' / ')}, total ${c.total}, trainable ${c.trainable}, non-trainable ${c.fixed}`;
  return {
    name: 'parameters of the wrapped model',
    passed: text(found) === text(wrappedCounts),
    detail: `${text(found)}; expected ${text(wrappedCounts)}`,
  };
}

function sparsity(model: DemoModel): Check {
  const text = model.kernels.map((k) => `${k.name} ${k.zeros} of ${k.size} (expected ${k.expectedZeros})`);
  return {
    name: `${model.id}: zeros of every kernel`,
    passed: model.kernels.every((k) => k.zeros === k.expectedZeros),
    detail: text.join('; '),
  };
}

function outputs(model: DemoModel): Check[] {
  return (['dense', 'sparse'] as const).map((kind) => {
    const a = model.agreement[kind];
    return {
      name: `${model.id}: session ${kind} gives what tfjs-node gives`,
      passed: a.maxDifference <= 1e-5 && a.otherClassUnexplained === 0,
      detail:
        `largest difference ${a.maxDifference.toExponential(1)} of the largest output (at most 1e-5); ` +
        `${a.otherClass} other classes, ${a.otherClassUnexplained} of them without a tie (expected 0)`,
    };
  });
}

function accuracyKept(models: readonly DemoModel[]): Check[] {
  const baseline = models.find((m) => m.id === 'cnn');
  const pruned = models.find((m) => m.id === 'cnn-80');
  if (!baseline || !pruned) return [];
  return [
    {
      name: 'recipe 1 at 80 %: accuracy within one point of the baseline',
      passed: pruned.accuracy >= baseline.accuracy - 0.01,
      detail: `${percent(pruned.accuracy, 2)}, baseline ${percent(baseline.accuracy, 2)}`,
    },
  ];
}

/** What must hold. With few images (`quick`) accuracies are noise and are not judged. */
export function checkAll(models: readonly DemoModel[], summary: readonly string[], quick: boolean): Check[] {
  return [
    wrappedSummary(summary),
    ...models.filter((m) => m.target > 0).map(sparsity),
    ...models.flatMap(outputs),
    ...(quick ? [] : accuracyKept(models)),
  ];
}
