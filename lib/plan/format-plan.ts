import type { WorkDivision } from '../native/bindings.ts';
import { describeStep } from './describe-step.ts';
import { shortenLayers } from './layer-names.ts';
import type { Plan, ValueId } from './plan.ts';
import { stepTensors } from './step-tensors.ts';
import { type Column, textTable } from './text-table.ts';

/** What a session knows of a plan that it runs. */
export interface PlanRun {
  /** Of every step that runs: aliases are left out. */
  steps: readonly { kernel: string; division?: WorkDivision; measuredUs?: number }[];
  arenaBytes: number;
  weightBytes: number;
  isa: string;
  threads: number;
}

/** How many of the slowest steps are named, of the slowest operations, and of the inputs of a step. */
const slowest = 5;
const mostOperations = 8;
const mostReads = 4;

const columns: readonly Column[] = [
  { title: '#', side: 'right' },
  { title: 'step', side: 'left' },
  { title: 'reads', side: 'left' },
  { title: 'layer', side: 'left' },
  { title: 'output', side: 'left' },
  { title: 'how', side: 'left' },
  { title: 'parameters', side: 'right' },
  { title: 'zeros', side: 'right' },
  { title: 'kernel', side: 'left' },
  { title: 'divided', side: 'left' },
  { title: 'us', side: 'right' },
  { title: 'share', side: 'right' },
];

/**
 * A plan as text for people: what goes in and out and what it takes; a line per step with its layer, output shape,
 * geometry, parameters and zeros. The columns are aligned, so that hundreds of layers can be read, and two plans compared
 * line by line.
 *
 * @param run - of a session: adds its memory and the kernels; where its steps were timed, their times, which operations the
 *   time goes into and the slowest steps
 */
export function formatPlan(plan: Plan, run?: PlanRun): string {
  const { folder, names } = shortenLayers(plan.steps.map(({ layer }) => layer));
  const runs = runsBySteps(plan, run);
  const total = runs.reduce((sum, step) => sum + (step?.measuredUs ?? 0), 0);
  const isTimed = runs.some((step) => step?.measuredUs !== undefined);
  const makers = new Map(plan.inputs.map(({ name, value }): [ValueId, string] => [value, name]));
  for (const [index, { output }] of plan.steps.entries()) makers.set(output, `#${index}`);
  const rows = plan.steps.map((step, index) => {
    const us = runs[index]?.measuredUs;
    return [
      String(index),
      step.op,
      readsOf(step.inputs.map((value) => makers.get(value) ?? '?')),
      names[index]!,
      formatShape(plan.values[step.output]!.shape),
      describeStep(step, plan),
      ...formatWeights(countWeights(plan, stepTensors(step))),
      runs[index]?.kernel.replace(`__${run?.isa}`, '') ?? '',
      formatDivision(runs[index]?.division),
      us === undefined ? '' : us.toFixed(1),
      us === undefined ? '' : share(us, total),
    ];
  });
  return [
    ...header(plan, run),
    ...(isTimed ? [`time:    ${(total / 1000).toFixed(2)} ms: ${byOperation(plan, runs, total)}`] : []),
    ...(folder === '' ? [] : [`layers:  below ${folder}`]),
    '',
    ...textTable(columns, rows),
    ...(isTimed ? ['', 'slowest steps', ...slowestSteps(rows, runs)] : []),
  ].join('\n');
}

function header(plan: Plan, run: PlanRun | undefined): string[] {
  const ports = (list: Plan['inputs']) =>
    list.map(({ name, value }) => `${name} ${formatShape(plan.values[value]!.shape)}`).join(', ');
  const totals = countWeights(plan, Object.keys(plan.tensors));
  const count = plan.steps.length;
  return [
    `inputs:  ${ports(plan.inputs)}`,
    `outputs: ${ports(plan.outputs)}`,
    `plan:    ${count} ${count === 1 ? 'step' : 'steps'}, ${totals.size.toLocaleString('en')} parameters, ${formatZeros(totals)} zeros${plan.batch === undefined ? '' : `, for a batch of ${plan.batch}`}`,
    ...(run === undefined
      ? []
      : [
          `runs:    on ${run.isa}, ${run.threads} ${run.threads === 1 ? 'thread' : 'threads'}, activations ${formatBytes(run.arenaBytes)}, weights ${formatBytes(run.weightBytes)}`,
        ]),
  ];
}

/** Of a concatenation of dozens, the first. */
function readsOf(makers: readonly string[]): string {
  if (makers.length <= mostReads) return makers.join(', ');
  return `${makers.slice(0, mostReads - 1).join(', ')} and ${makers.length - mostReads + 1} more`;
}

type RunOfStep = PlanRun['steps'][number] | undefined;

/** What is known of each step, aliases included. */
function runsBySteps(plan: Plan, run: PlanRun | undefined): RunOfStep[] {
  let next = 0;
  return plan.steps.map(({ op }) => (op === 'alias' ? undefined : run?.steps[next++]));
}

/** Operations by the time that all of their steps take, most first. */
function byOperation(plan: Plan, runs: readonly RunOfStep[], total: number): string {
  const sums = new Map<string, { us: number; count: number }>();
  for (const [index, { op }] of plan.steps.entries()) {
    const { us, count } = sums.get(op) ?? { us: 0, count: 0 };
    sums.set(op, { us: us + (runs[index]?.measuredUs ?? 0), count: count + 1 });
  }
  return [...sums]
    .filter(([, { us }]) => us > 0)
    .sort(([, a], [, b]) => b.us - a.us)
    .slice(0, mostOperations)
    .map(([op, { us, count }]) => `${op} ${share(us, total)} (${count})`)
    .join(', ');
}

/** Their lines of the table once more, the slowest first. */
function slowestSteps(rows: readonly (readonly string[])[], runs: readonly RunOfStep[]): string[] {
  const time = (index: number) => runs[index]?.measuredUs ?? -1;
  const order = [...rows.keys()].sort((a, b) => time(b) - time(a)).slice(0, slowest);
  return textTable(
    columns,
    order.map((index) => rows[index]!),
  );
}

function countWeights(plan: Plan, names: readonly string[]): { size: number; zeros: number } {
  let size = 0;
  let zeros = 0;
  for (const name of names) {
    const data = plan.tensors[name]?.data;
    if (!data) continue;
    size += data.length;
    for (const value of data) if (value === 0) zeros++;
  }
  return { size, zeros };
}

function formatWeights(counts: { size: number; zeros: number }): [string, string] {
  if (counts.size === 0) return ['', ''];
  return [counts.size.toLocaleString('en'), counts.zeros === 0 ? '' : formatZeros(counts)];
}

/** `4 outputs x 2 columns`: the parts that threads take; nothing where one thread does it all. */
function formatDivision(division: WorkDivision | undefined): string {
  if (division === undefined) return '';
  const sides = (['outputs', 'columns'] as const).filter((side) => division[side] > 1);
  return sides.map((side) => `${division[side]} ${side}`).join(' x ');
}

const share = (part: number, total: number) => `${((100 * part) / (total || 1)).toFixed(1)} %`;
const formatZeros = ({ size, zeros }: { size: number; zeros: number }) => share(zeros, size);
const formatShape = (shape: readonly number[]) => `[${shape.join(', ')}]`;
const formatBytes = (bytes: number) =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
